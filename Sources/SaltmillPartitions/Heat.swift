/// Whether a partition has long been near its cap.
///
/// What the service looks at is not published: "sustained" traffic near the limit (ATC 2022). Our choice: at least 90 % of the cap in each of six
/// windows of ten seconds in a row.
struct Heat: Sendable {
    private static let window: Int64 = 10_000_000_000
    private static let threshold = 0.9
    private static let windows = 6

    private var windowEnd: Int64
    private var drawn = Units(read: 0, write: 0)
    /// How many windows in a row have been hot, the current one excluded.
    private var hotWindows = 0
    /// Where the load falls, from the first hot window on.
    private(set) var sketch = Sketch(stride: 0.001)

    init(at now: Int64) { windowEnd = now + Self.window }

    /// Notes a part of the cap that was drawn at a position, in seconds of the cap.
    /// - Returns: whether the partition has now been hot for long enough.
    mutating func add(_ part: Double, _ access: Access, position: UInt64, at now: Int64) -> Bool {
        let isDecided = now >= windowEnd && closeWindow(at: now)
        drawn[access] += part
        observe(part, position: position)
        return isDecided
    }

    /// Notes where load falls, admitted or not.
    mutating func observe(_ part: Double, position: UInt64) {
        if hotWindows > 0 { sketch.add(position, weight: part) }
    }

    private mutating func closeWindow(at now: Int64) -> Bool {
        let isHot = max(drawn.read, drawn.write) >= Self.threshold * Double(Self.window) / 1e9 && now < windowEnd + Self.window
        if isHot {
            hotWindows += 1
        } else if hotWindows > 0 {
            hotWindows = 0
            sketch = Sketch(stride: 0.001)
        }
        drawn = Units(read: 0, write: 0)
        windowEnd = now - (now - windowEnd) % Self.window + Self.window
        return hotWindows >= Self.windows
    }
}
