import Yams

/// Reads YAML into ``SpecNode``s: anchors and merges resolved, variables expanded, every node with its place and path.
struct SpecTree {
    let environment: [String: String]
    /// Faults found on the way; what they are in is ``SpecNode/Content/broken``.
    private(set) var problems: [SpecProblem] = []
    /// Where every node of the tree stands, by path.
    private(set) var places: [String: SpecPlace] = [:]

    init(environment: [String: String]) { self.environment = environment }

    /// The root of the spec, `nil` (with a problem reported) when the text is no YAML at all.
    mutating func read(_ yaml: String) -> SpecNode? {
        let start = SpecPlace(line: 1, column: 1)
        do {
            guard let root = try Parser(yaml: yaml, encoding: .utf8).singleRoot() else {
                problems.append(SpecProblem(start, "", "the spec is empty; begin with `version: 1`"))
                return nil
            }
            return node(root, path: "", fallback: start)
        } catch let error as YamlError {
            problems.append(Self.problem(error))
        } catch {
            problems.append(SpecProblem(start, "", "not valid YAML: \(error)"))
        }
        return nil
    }

    private mutating func node(_ yaml: Node, path: String, fallback: SpecPlace) -> SpecNode {
        let place = yaml.mark.map { SpecPlace(line: $0.line, column: $0.column) } ?? fallback
        places[path] = place
        var result = SpecNode(content: .broken, place: place, path: path)
        switch yaml {
        case .scalar(let scalar):
            result.written = scalar.string
            do throws(SpecVariableFault) {
                if scalar.string.isEmpty, scalar.style == .plain {
                    problems.append(SpecProblem(place, path, "has no value; give one (`\"\"` for an empty text) or remove the field"))
                } else {
                    result.content = .text(try expandVariables(in: scalar.string, from: environment))
                }
            } catch {
                problems.append(SpecProblem(place, path, error.message))
            }
        case .sequence(let sequence):
            result.content = .list(
                sequence.enumerated().map { index, element in node(element, path: "\(path)[\(index)]", fallback: place) })
        case .mapping(let mapping):
            result.content = .fields(fields(mapping, path: path, place: place))
        case .alias:
            problems.append(SpecProblem(place, path, "the alias has no anchor before it"))
        }
        return result
    }

    private mutating func fields(_ mapping: Node.Mapping, path: String, place: SpecPlace) -> [SpecField] {
        entries(mapping, path: path, place: place).map { entry in
            let child = node(entry.value, path: SpecNode.path(path, entry.name), fallback: entry.place)
            return SpecField(name: entry.name, place: entry.place, value: child)
        }
    }

    private typealias Entry = (name: String, place: SpecPlace, value: Node)

    /// A mapping's own fields, then those that `<<` adds to them.
    private mutating func entries(_ mapping: Node.Mapping, path: String, place: SpecPlace) -> [Entry] {
        var result: [Entry] = []
        var names: Set<String> = []
        var merged: [Entry] = []
        for (key, value) in mapping {
            let keyPlace = key.mark.map { SpecPlace(line: $0.line, column: $0.column) } ?? place
            guard case .scalar(let scalar) = key else {
                problems.append(SpecProblem(keyPlace, path, "a field's name must be a text"))
                continue
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged += mergedEntries(value, path: path, place: keyPlace)
            } else if names.insert(scalar.string).inserted {
                result.append((scalar.string, keyPlace, value))
            } else {
                problems.append(SpecProblem(keyPlace, SpecNode.path(path, scalar.string), Self.duplicate))
            }
        }
        return result + merged.filter { names.insert($0.name).inserted }
    }

    private mutating func mergedEntries(_ value: Node, path: String, place: SpecPlace) -> [Entry] {
        let candidates = value.sequence.map(Array.init) ?? [value]
        let mappings = candidates.compactMap(\.mapping)
        if mappings.count < candidates.count {
            problems.append(SpecProblem(place, SpecNode.path(path, "<<"), "must be an alias of a mapping or a list of such aliases"))
        }
        return mappings.flatMap { entries($0, path: path, place: place) }
    }

    private static let duplicate = "given more than once in one mapping; keep one of them"

    private static func problem(_ error: YamlError) -> SpecProblem {
        func at(_ mark: Mark, _ text: String) -> SpecProblem {
            SpecProblem(SpecPlace(line: mark.line, column: mark.column), "", "not valid YAML: \(text)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            return at(mark, context.map { "\($0.text), \(problem)" } ?? problem)
        case .composer(nil, _, let mark, _):
            return at(mark, "the alias names no anchor that stands before it")
        case .composer(_, _, let mark, _):
            return at(mark, "a spec is one document; remove `---` and what follows it")
        case .duplicatedKeysInMapping(let names, let context):
            return SpecProblem(
                SpecPlace(line: context.mark.line, column: context.mark.column), "", "\(listed(names)) is \(duplicate)")
        case .reader(let problem, let offset, _, let yaml):
            let lines = yaml.prefix(offset ?? 0).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            return SpecProblem(
                SpecPlace(line: lines.count, column: (lines.last?.count ?? 0) + 1), "", "not valid YAML: \(problem)")
        default:
            return SpecProblem(SpecPlace(line: 1, column: 1), "", "not valid YAML: \(error)")
        }
    }
}
