import SaltmillItems

/// Which columns probably tell of people, by their names.
enum PersonalNames {
    private static let masks: [(parts: [String], mask: Mask)] = [
        (["mail"], .email),
        (["phone", "mobile", "fax", "passport", "ssn", "iban", "card", "zip", "postcode", "birth", "dob"], .shuffleDigits),
        (["firstname", "lastname", "surname", "fullname", "username", "address", "street", "password", "token", "ip"], .hash),
    ]

    /// The mask to propose for a column; nil for one that says nothing of people.
    static func mask(_ column: String, _ type: AttributeType) -> Mask? {
        let words = column.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let joined = words.joined()
        for (parts, mask) in masks {
            // Short parts are words of their own, else `ip` would be found in `description`.
            let isFound = parts.contains { part in part.count > 3 ? joined.contains(part) : words.contains(part) }
            if isFound { return mask.types.contains(type) ? mask : Mask.hash.types.contains(type) ? .hash : nil }
        }
        return nil
    }
}
