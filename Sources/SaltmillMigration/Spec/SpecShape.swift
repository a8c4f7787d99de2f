/// The kinds of mapping that a spec is made of, and the fields that each accepts: the same ones as `schemas/migration.schema.json`.
package enum SpecShape: Sendable, CaseIterable {
    case spec, source, courtesy, target, create, key, hash, range, salt, index, indexHash, indexRange, indexSalt, attribute, rate, window,
        rejects, notify

    /// The fields that this version reads.
    package var fields: [String] {
        switch self {
        case .spec:
            ["version", "job", "source", "target", "key", "indexes", "attributes", "drop", "duplicates", "rate", "rejects", "notify"]
        case .source:
            [
                "file", "format", "null", "delimiter", "header", "columns", "sqlite", "url", "table", "query", "key", "ranges", "zone",
                "tls", "ca", "courtesy",
            ]
        case .courtesy: ["lag", "replicas", "threads", "query", "above"]
        case .target: ["table", "purpose", "existing", "create"]
        case .create: ["billing", "write", "read"]
        case .key: ["hash", "range"]
        case .hash: ["attribute", "from", "template", "constant", "type", "encoding", "personal", "mask", "about", "salt"]
        case .range: ["attribute", "from", "template", "constant", "type", "encoding", "personal", "mask", "about"]
        case .salt: ["shards", "by", "separator"]
        case .index: ["name", "hash", "range", "projection", "write", "read"]
        case .indexHash: ["attribute", "salt"]
        case .indexRange: ["attribute"]
        case .indexSalt: ["shards", "by", "separator", "into"]
        case .attribute:
            ["from", "template", "constant", "type", "null", "encoding", "separator", "true", "false", "personal", "mask", "about"]
        case .rate: ["ceiling", "windows", "zone"]
        case .window: ["days", "from", "to", "ceiling"]
        case .rejects: ["file", "stop_after"]
        case .notify: ["slack", "webhook", "command", "digest"]
        }
    }
}
