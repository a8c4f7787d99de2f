import Foundation
import SaltmillBytes
import SaltmillControl
import Testing

@Suite struct CommandTests {
    @Test func commandsAreReadAsTheyAreWritten() throws {
        #expect(try ControlCommand(parsing: "rate=?") == .read(.rate))
        #expect(try ControlCommand(parsing: "rate=100/s") == .set(.rate, "100/s"))
        #expect(try ControlCommand(parsing: " rate = 2 MB/s ") == .set(.rate, "2 MB/s"))
        #expect(try ControlCommand(parsing: "rate=spec") == .reset(.rate))
        #expect(try ControlCommand(parsing: "window=mon-fri 22:00-06:00 none") == .set(.window, "mon-fri 22:00-06:00 none"))
        #expect(try ControlCommand(parsing: "pause") == .pause(reason: nil))
        #expect(try ControlCommand(parsing: "PAUSE until noon = 12") == .pause(reason: "until noon = 12"))
        #expect(try ControlCommand(parsing: "pause=lunch") == .pause(reason: "lunch"))
        #expect(try ControlCommand(parsing: "throttle") == .pause(reason: nil))
        #expect(try ControlCommand(parsing: "continue") == .resume)
        #expect(try ControlCommand(parsing: "hibernate 30m") == .hibernate(until: "30m"))
        #expect(try ControlCommand(parsing: "stop") == .stop(reason: nil))
    }

    @Test(arguments: ["", "  ", "rate=", "rate", "rats=100/s", "status now", "resume=1", "hibernate", "=5", "=", "pauses"])
    func whatIsNoCommandIsRefusedInOneSentence(_ text: String) throws {
        let error = #expect(throws: ControlError.self) { try ControlCommand(parsing: text) }
        #expect(error?.description.contains("\n") == false)
    }

    @Test func anEmptyValueDoesNotClearASetting() throws {
        let error = #expect(throws: ControlError.self) { try ControlCommand(parsing: "rate=") }
        #expect(error?.description.contains("rate=spec") == true)
    }

    @Test func anythingAtAllIsReadOrRefused() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            guard let request = try? ControlRequest(line: bytes) else { continue }
            _ = try? ControlCommand(parsing: request.command)
        }
    }

    @Test func requestsAndRepliesComeBack() throws {
        let request = ControlRequest(#"pause "ä" \ #1"#, from: "10.0.0.7", wantsJSON: true)
        #expect(try ControlRequest(line: request.line.dropLast()) == request)
        #expect(try ControlRequest(line: Array("rate=?".utf8)) == ControlRequest("rate=?", wantsJSON: false))
        #expect(throws: ControlError.self) { try ControlRequest(line: Array(#"{"cmd":1}"#.utf8)) }
        #expect(throws: ControlError.self) { try ControlRequest(line: [0x70, 0x00]) }
        let reply = ControlReply("done\nwith lines", [.init("n", 1)])
        #expect(ControlReply(reply.json.bytes) == reply)
    }

    @Test func momentsAreSpansOrInstantsAheadOfNow() throws {
        let now = 1_800_000_000.0
        #expect(try MomentText.end("30m", now: now) == now + 1800)
        #expect(try MomentText.end("2027-01-15T09:00:00Z", now: now) == now + 3600)
        for bad in ["", "m", "0s", "-1h", "nanh", "30", "2027-01-15T07:00:00Z", "367d", "1e9d", "noon"] {
            #expect(throws: ControlError.self, "\(bad)") { try MomentText.end(bad, now: now) }
        }
    }

    @Test func socketsOfOneNameInDifferentPlacesDiffer() throws {
        let folder = ControlFolder(environment: ["XDG_RUNTIME_DIR": "/run/user/7"])
        #expect(folder.path == "/run/user/7/saltmill")
        #expect(try folder.socket(job: "a.b", folder: "/x") != folder.socket(job: "a.b", folder: "/y"))
        #expect(try folder.socket(job: String(repeating: "j", count: 64), folder: "/x").utf8.count <= 107)
        let long = ControlFolder(environment: ["XDG_RUNTIME_DIR": "/" + String(repeating: "d", count: 75)])
        #expect(try long.socket(job: "answers", folder: "/x").utf8.count <= 107)
        let tooLong = ControlFolder(environment: ["XDG_RUNTIME_DIR": "/" + String(repeating: "d", count: 110)])
        #expect(throws: ControlError.self) { try tooLong.socket(job: "answers", folder: "/x") }
        #expect(ControlFolder(environment: [:]).path.hasPrefix("/tmp/saltmill-"))
    }

    @Test func aUnitQuotesWhatItIsGiven() {
        let unit = SystemdUnit(
            job: "answers", program: "/opt/salt mill/saltmill", spec: "/data/50%/a b.yaml", writable: ["/data/50%"], user: "ann",
            arguments: ["--endpoint-url", "http://127.0.0.1:8000"])
        #expect(
            unit.text.contains(
                #"ExecStart="/opt/salt mill/saltmill" load "/data/50%%/a b.yaml" --endpoint-url http://127.0.0.1:8000 --no-progress"#))
        #expect(unit.text.contains("RestartPreventExitStatus=2 3 4 11\n") && unit.text.contains("ReadWritePaths=/data/50%%\n"))
    }
}
