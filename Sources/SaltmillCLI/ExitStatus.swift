import ArgumentParser
import SaltmillBackup
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillEndpoint
import SaltmillMigration
import SaltmillSources

/// How the program ends: one place that makes exit codes of errors.
enum ExitStatus {
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let differences: Int32 = 4
    static let temporary: Int32 = 5
    static let held: Int32 = 11
    static let interrupted: Int32 = 130

    /// Tells the user of an error on standard error (or of help on standard output) and gives the exit code.
    static func report(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if let code = code(of: error) {
            Terminal.error("saltmill: \(error is CancellationError ? "interrupted" : "\(error)")")
            return code
        }
        let message = CommandLineTool.fullMessage(for: error)
        if CommandLineTool.exitCode(for: error).isSuccess {
            Terminal.output(message)
            return 0
        }
        Terminal.error(message)
        return CommandLineTool.exitCode(for: error) == .validationFailure ? usage : failed
    }

    /// The exit code of an error of ours; nil for the argument parser's.
    static func code(of error: any Error) -> Int32? {
        switch error {
        case let failure as JobFailure:
            switch failure.kind {
            case .failed: failed
            case .usage: usage
            case .temporary: temporary
            }
        case let pause as SourcePause: pause.cause == .refusal ? failed : temporary
        case is DumpError: failed
        case is SpecError: usage
        case let error as JobLockError: if case .held = error { held } else { failed }
        case let failure as DynamoDBFailure: failure.errorClass == .transient || failure.errorClass == .throttling ? temporary : failed
        case is CancellationError: interrupted
        case is ConfigurationError, is StateError, is RejectFileError, is EndpointError, is UsageError: failed
        case is ValidationError, is CleanExit: nil
        default: String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") ? nil : failed
        }
    }
}

/// The command line asks for something that cannot be.
struct UsageError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
