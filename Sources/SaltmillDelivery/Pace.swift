/// What the rate is limited to for the time being.
package struct Pace: Sendable, Equatable {
    /// For each limit its rate; infinite where it does not apply now.
    package var rates: [Double]
    /// Why nothing is sent, when nothing is.
    package var closed: Wait?
    /// What the ceiling is called.
    package var text: String
    /// It is that of a window of the schedule.
    package var isWindow: Bool
    /// When it may change, in seconds since 1970; nil for never.
    package var until: Int64?
    /// Requests under way at once, and items in one; nil for the usual numbers.
    package var requests: Int?
    package var items: Int?

    package init(rates: [Double], closed: Wait? = nil, text: String, isWindow: Bool = false, until: Int64? = nil) {
        self.rates = rates
        self.closed = closed
        self.text = text
        self.isWindow = isWindow
        self.until = until
    }
}
