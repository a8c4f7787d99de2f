import SaltmillDelivery
import SaltmillSources

extension MigrationSpec {
    /// The spec of a load of rejected rows: as this one, but from a reject file and as a job of its own.
    ///
    /// The job is named after the file's content and what shapes items, so that the same command goes on after a kill, and begins anew once the spec
    /// or the file has been changed. Rows that are rejected again go to a file of that job, however many they are.
    /// - Throws: ``JobFailure`` while the job runs that writes the file; `SourceError` when the file cannot be read.
    package func retrying(_ path: String) throws -> MigrationSpec {
        guard !JobLock.isHeld(path: JobFolder(jobFolder).lock) else {
            throw JobFailure(.temporary, "the job \(job) is running and may still reject rows; run the command again after its end")
        }
        var retry = self
        retry.source.name = path
        retry.source.path = path
        retry.source.isRejectFile = true
        let content = try retry.openSource().digest()
        let name = SpecFingerprint(text: "\(content)\n\(fingerprint.text)").digest
        retry.job = "\(job.prefix(Self.longestJob - 15))-retry-\(name.prefix(8))"
        let folder = rejects.path.lastIndex(of: "/").map { rejects.path[...$0] } ?? ""
        retry.rejects = RejectPolicy(path: "\(folder)\(retry.job).rejects.jsonl")
        return retry
    }

    /// Length of a job's name at most.
    private static let longestJob = 64
}
