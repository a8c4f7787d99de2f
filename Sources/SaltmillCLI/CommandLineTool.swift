public import ArgumentParser
import CMalloc
import Glibc

/// The program: its commands, and how it ends.
public struct CommandLineTool: AsyncParsableCommand {
    /// What the help says.
    public static let configuration = CommandConfiguration(
        commandName: "saltmill",
        abstract: "Moves relational rows into a partitioned key-value store: slowly, safely and provably.",
        discussion: """
            A load writes rows under salted hash keys at a limited rate, backs off when the store refuses, resumes after any kill and
            accounts for every row. Credentials, region, profile and endpoint are found as the AWS CLI finds them.

            EXIT STATUS
              0 done · 1 failed · 2 wrong usage or spec · 3 finished, but rows were rejected · 4 differences were found
              5 temporary, run again · 10 run time used up, resumable · 11 another instance holds the job
              130 interrupted, checkpoint written
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self,
            InitCommand.self,
            DiffCommand.self,
            DocCommand.self,
            PlanCommand.self,
            RehearseCommand.self,
            RenderCommand.self,
            LoadCommand.self,
            StatusCommand.self,
            CtlCommand.self,
            LogCommand.self,
            ReportCommand.self,
            VerifyCommand.self,
            UnitCommand.self,
            DumpCommand.self,
            RestoreCommand.self,
            InspectCommand.self,
            QueryCommand.self,
            ServeCommand.self,
        ])

    /// Creates the command.
    public init() {}

    /// Sets up the heap; to be called on the main thread before there is any other.
    public static func prepare() {
        // One heap for all threads: what one frees the others use again, and memory stays small. Nothing allocates per row, so nobody queues.
        mallopt(M_ARENA_MAX, 1)
        // Large buffers go back to the system when they are freed; left alone, the threshold would grow with the first of them.
        mallopt(M_MMAP_THRESHOLD, 128 << 10)
    }

    /// Parses the command line, runs the command and ends the process with its exit code.
    public static func run() async {
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow is a full disk, which is waited for.
        signal(SIGXFSZ, SIG_IGN)
        do {
            try await Interruption.run {
                var command = try parseAsRoot()
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            }
        } catch {
            Glibc.exit(ExitStatus.report(error))
        }
    }
}
