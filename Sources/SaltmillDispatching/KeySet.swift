/// A set of 64-bit keys that are well mixed already: open addressing, no tombstones, nothing allocated once it has grown to its working size.
struct KeySet: Sendable {
    private var cells: [UInt64]
    private var containsZero = false
    private(set) var count = 0

    init(minimumCapacity: Int = 1024) {
        var size = 16
        while size < minimumCapacity * 2 { size *= 2 }
        cells = [UInt64](repeating: 0, count: size)
    }

    private var mask: Int { cells.count - 1 }

    func contains(_ key: UInt64) -> Bool {
        guard key != 0 else { return containsZero }
        var index = Int(truncatingIfNeeded: key) & mask
        while cells[index] != 0 {
            if cells[index] == key { return true }
            index = (index + 1) & mask
        }
        return false
    }

    /// Adds a key; false when it was there already.
    mutating func insert(_ key: UInt64) -> Bool {
        guard key != 0 else {
            defer { containsZero = true }
            return !containsZero
        }
        if count * 2 >= cells.count { grow() }
        var index = Int(truncatingIfNeeded: key) & mask
        while cells[index] != 0 {
            if cells[index] == key { return false }
            index = (index + 1) & mask
        }
        cells[index] = key
        count += 1
        return true
    }

    mutating func remove(_ key: UInt64) {
        guard key != 0 else {
            containsZero = false
            return
        }
        var index = Int(truncatingIfNeeded: key) & mask
        while cells[index] != key {
            guard cells[index] != 0 else { return }
            index = (index + 1) & mask
        }
        count -= 1
        // Close the gap: pull back every later cell of the run that may not be reached across it.
        var next = (index + 1) & mask
        while cells[next] != 0 {
            let home = Int(truncatingIfNeeded: cells[next]) & mask
            if (next &- home) & mask >= (next &- index) & mask {
                cells[index] = cells[next]
                index = next
            }
            next = (next + 1) & mask
        }
        cells[index] = 0
    }

    private mutating func grow() {
        let old = cells
        cells = [UInt64](repeating: 0, count: old.count * 2)
        for key in old where key != 0 {
            var index = Int(truncatingIfNeeded: key) & mask
            while cells[index] != 0 { index = (index + 1) & mask }
            cells[index] = key
        }
    }
}
