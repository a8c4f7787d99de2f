/// Attributes that a sync adds to items. No attribute of a spec may bear their names, and comparisons pass over them.
package enum SyncAttributes {
    /// How the names of all of them begin.
    package static let prefix = "saltmill:"
    /// The version of an item's last write; an item that was written by a plain batch has none.
    package static let version = "saltmill:version"
    /// Marks an item that only says that its row is gone.
    package static let deleted = "saltmill:deleted"
}
