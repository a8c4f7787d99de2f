/// Limits of keys and items (Amazon DynamoDB Developer Guide, Service quotas).
enum KeyLimits {
    /// Size of a hash key's value in bytes.
    static let hash = 2048
    /// Size of a range key's value in bytes.
    static let range = 1024
    /// Size of an item in bytes, names included.
    static let item = 409_600
}
