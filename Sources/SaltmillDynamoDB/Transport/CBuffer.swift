/// Memory at a fixed address that C reads from; grows as needed and keeps its room.
struct CBuffer<Element: BitwiseCopyable> {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity: Int

    init() {
        capacity = 16
        start = .allocate(capacity: capacity)
    }

    /// Makes room for `count` elements; what was there is lost when it moves.
    mutating func makeRoom(_ count: Int) {
        guard count > capacity else { return }
        start.deallocate()
        capacity = count + count / 2
        start = .allocate(capacity: capacity)
    }

    /// Replaces the content.
    mutating func assign(_ source: UnsafeBufferPointer<Element>) {
        makeRoom(source.count)
        if let base = source.baseAddress { start.initialize(from: base, count: source.count) }
    }

    /// Gives memory back when there is more of it than `limit` elements.
    mutating func trim(to limit: Int) {
        guard capacity > limit else { return }
        self.deallocate()
        self = CBuffer()
    }

    func deallocate() { start.deallocate() }
}
