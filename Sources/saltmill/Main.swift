import SaltmillCLI

@main
enum Main {
    @MainActor static func main() async {
        CommandLineTool.prepare()
        await CommandLineTool.run()
    }
}
