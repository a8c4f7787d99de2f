import SaltmillBytes
package import SaltmillItems

/// A data file of a dump while it is written, by one scan segment. When it is dropped before ``close()``, nothing remains of it.
package struct PartWriter: ~Copyable {
    private let file: String
    private let output: any DumpOutput
    private let format: DumpFormat
    private let partBytes: Int
    private var digester = ItemDigester()
    private var encoder: GzipEncoder
    private var sha256 = Digester(.sha256)
    private var md5 = Digester(.md5)
    /// Text that is to be compressed or written.
    private var text: [UInt8] = []
    private var compressed: [UInt8] = []
    private var bytes = 0
    private var textBytes = 0
    private var pages = 0

    private static let blockSize = 1 << 16

    init(file: String, output: any DumpOutput, options: DumpOptions) {
        self.file = file
        self.output = output
        format = options.format
        partBytes = options.partBytes
        encoder = GzipEncoder(level: options.level)
        if format == .dynamodump { text.append(contentsOf: "{\n  \"Items\": [".utf8) }
    }

    /// How many items the part has so far, and their digest.
    package var digest: ItemDigest { digester.digest }

    /// Adds an item, which is checked.
    /// - Parameter item: one object in DynamoDB JSON, as it came off the wire.
    /// - Throws: ``DumpError`` when it is none, or when the file cannot be written.
    package mutating func append(_ item: Span<UInt8>) throws(DumpError) {
        do {
            try digester.add(item)
        } catch {
            throw DumpError(file, "the table gave an item that is none: \(error)")
        }
        if format == .dynamodump {
            if digester.digest.count > 1 { text.append(UInt8(ascii: ",")) }
            DynamodumpText.breakLine(2, to: &text)
            let start = text.count
            DynamodumpText.append(item, level: 2, to: &text)
            guard text.count - start <= TextWindow.maximumValue else {
                throw DumpError(
                    file,
                    "the indentation of dynamodump's shape makes an item longer than \(TextWindow.maximumValue >> 20) MB; dump this table as aws"
                )
            }
        } else {
            text.append(contentsOf: "{\"Item\":".utf8)
            if digester.scanner.hasSpace {
                let start = text.count
                text.append(item)
                text.removeLast(text.count - start - CompactJSON.compact(&text, start..<text.count))
            } else {
                text.append(item)
            }
            text.append(contentsOf: "}\n".utf8)
        }
        if text.count >= Self.blockSize { try flush() }
    }

    /// Marks the end of a page of the scan.
    /// - Parameters:
    ///   - scanned: the page's `ScannedCount`.
    ///   - lastKey: the page's `LastEvaluatedKey` in DynamoDB JSON; nil on a segment's last page.
    package mutating func endPage(scanned: Int, lastKey: Span<UInt8>?) throws(DumpError) {
        pages += 1
        guard format == .dynamodump else { return }
        precondition(pages == 1, "a dynamodump file holds one page")
        let count = digester.digest.count
        if count > 0 { DynamodumpText.breakLine(1, to: &text) }
        text.append(contentsOf: "],\n  \"Count\": \(count),\n  \"ScannedCount\": \(scanned)".utf8)
        if let lastKey {
            text.append(contentsOf: ",\n  \"LastEvaluatedKey\": ".utf8)
            DynamodumpText.append(lastKey, level: 1, to: &text)
        }
        text.append(contentsOf: "\n}".utf8)
    }

    /// The part should be closed and another one opened; to be asked behind ``endPage(scanned:lastKey:)``.
    package var isFull: Bool { format == .dynamodump ? pages > 0 : textBytes + text.count >= partBytes }

    /// Makes the file durable and part of the dump; to be called only behind ``endPage(scanned:lastKey:)``.
    package consuming func close() throws(DumpError) -> DumpPart {
        try flush()
        if format == .aws {
            encoder.finish(to: &compressed)
            try write(compressed)
        }
        try output.commit()
        return DumpPart(file: file, bytes: bytes, sha256: sha256.finishSHA256(), md5: md5.finish(), digest: digester.digest)
    }

    private mutating func flush() throws(DumpError) {
        textBytes += text.count
        if format == .aws {
            encoder.append(text, to: &compressed)
            if compressed.count >= Self.blockSize {
                try write(compressed)
                compressed.removeAll(keepingCapacity: true)
            }
        } else {
            try write(text)
        }
        // Many parts may be open at once: none keeps the room that one large item has taken.
        let isUsual = text.count < 4 * Self.blockSize
        text.removeAll(keepingCapacity: isUsual)
        if !isUsual { digester.trim() }
    }

    private mutating func write(_ block: [UInt8]) throws(DumpError) {
        sha256.update(block)
        md5.update(block)
        bytes += block.count
        try output.write(block)
    }
}
