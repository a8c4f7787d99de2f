package import SaltmillBytes

/// What goes over a control socket to a job: one line, JSON or the command as it is.
package struct ControlRequest: Sendable, Equatable {
    /// Longer lines are refused, in bytes.
    package static let maximumLength = 4096

    package var command: String
    /// Where the asking person is logged in from, as the asking side tells.
    package var from: String?
    /// Whether the answer is wanted as JSON.
    package var wantsJSON: Bool

    package init(_ command: String, from: String? = nil, wantsJSON: Bool = true) {
        self.command = command
        self.from = from
        self.wantsJSON = wantsJSON
    }

    /// Reads a line; a text that is no JSON object is a command itself, for `nc -U` and the like.
    /// - Throws: ``ControlError`` when it is no text, or an object without a command.
    package init(line: [UInt8]) throws(ControlError) {
        guard let text = String(validating: line, as: UTF8.self), !text.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" })
        else {
            throw ControlError("the request is no line of text")
        }
        guard text.hasPrefix("{") else {
            self.init(text, wantsJSON: false)
            return
        }
        guard let value = try? JSONValue(parsing: line.span, maximumDepth: 4), let command = value["command"]?.string else {
            throw ControlError("the request is a JSON object without a `command`")
        }
        self.init(command, from: value["from"]?.string.map { String($0.prefix(80)) }, wantsJSON: value["json"]?.bool ?? true)
    }

    package var line: [UInt8] {
        let value: JSONValue = ["command": .string(command), "from": from.map { .string($0) } ?? .null, "json": .bool(wantsJSON)]
        return value.bytes + [0x0A]
    }
}

/// A job's answer.
package struct ControlReply: Sendable, Equatable {
    package var isDone: Bool
    /// One sentence, or a few lines of text.
    package var message: String
    /// The same for programs; members of the answer's object.
    package var details: [JSONValue.Member]

    package init(_ message: String, _ details: [JSONValue.Member] = []) {
        isDone = true
        self.message = message
        self.details = details
    }

    package init(_ error: ControlError) {
        isDone = false
        message = error.description
        details = []
    }

    package var json: JSONValue { .object([.init("ok", .bool(isDone)), .init("message", .string(message))] + details) }

    /// What goes over the socket.
    func bytes(asJSON: Bool) -> [UInt8] {
        asJSON ? json.bytes + [0x0A] : Array((isDone ? message : "error: \(message)").utf8) + [0x0A]
    }

    /// Reads what came over the socket.
    package init?(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes.span), let isDone = value["ok"]?.bool, let message = value["message"]?.string else {
            return nil
        }
        self.isDone = isDone
        self.message = message
        details = (value.members ?? []).filter { $0.name != "ok" && $0.name != "message" }
    }
}
