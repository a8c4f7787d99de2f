package import SaltmillBytes

/// Why bytes are no item in DynamoDB JSON, with where in them.
package struct ItemFault: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        case json(JSONError.Kind)
        /// Something else than what the format has there.
        case shape(String)
        case unknownType(String)
        case number(DecimalError)
        case binary(BinaryTextError)
        /// `{"B":null}`, or null in a binary set: what dynamodump 1.2.0 to 1.8.0 wrote in the place of every binary.
        case nullBinary
        case emptySet
        case duplicateName(String)
        case tooDeep
    }

    package var kind: Kind
    /// Offset in bytes from the item's first byte.
    package var offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The fault without its place.
    package var reason: String {
        switch kind {
        case .json(let kind): kind.rawValue
        case .shape(let what): "\(what) is expected here"
        case .unknownType(let name): "\"\(name)\" is none of the types S, N, B, BOOL, NULL, SS, NS, BS, L, M"
        case .number(.syntax): "this is not a number"
        case .number(.tooManyDigits): "the number has more than 38 significant digits"
        case .number(.overflow), .number(.underflow): "the number is out of range"
        case .binary(let error): "a binary value is not Base64: \(error)"
        case .nullBinary: "a binary value is null: its bytes were lost when the dump was made (dynamodump 1.2.0 to 1.8.0 does that)"
        case .emptySet: "a set has no elements"
        case .duplicateName(let name): "the attribute \"\(name)\" occurs twice"
        case .tooDeep: "lists and maps are nested over \(ItemScanner.maximumNesting) levels deep"
        }
    }

    package var description: String { "\(reason) (byte \(offset) of the item)" }
}
