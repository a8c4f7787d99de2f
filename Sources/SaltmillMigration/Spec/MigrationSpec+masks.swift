package import SaltmillDelivery
import SaltmillItems

extension MigrationSpec {
    /// The spec of a masked copy: every attribute that has a mask is masked.
    /// - Parameter environment: where the secret is looked for that masks are keyed by.
    /// - Throws: ``JobFailure`` where the target is not for tests, personal data would stay unmasked, or there is no secret.
    package func masked(environment: [String: String]) throws(JobFailure) -> MigrationSpec {
        guard target.purpose == .test else {
            throw JobFailure(
                .usage, "masked values belong into copies for tests alone; say `purpose: test` under target, for a table of its own")
        }
        let unmasked = allAttributes.filter { $0.isPersonal && $0.mask == nil }.map(\.name)
        guard unmasked.isEmpty else {
            throw JobFailure(
                .usage, "personal but without a mask: \(listed(unmasked)); give each a `mask`, e.g. `mask: \(Mask.hash.rawValue)`")
        }
        guard allAttributes.contains(where: { $0.mask != nil }) else {
            throw JobFailure(.usage, "no attribute of \(origin.file) has a mask; add e.g. `mask: hash` to those that need one")
        }
        guard let secret = environment[MaskSecret.variable].flatMap({ MaskSecret($0) }) else {
            throw JobFailure(
                .usage,
                "masks are keyed by a secret of at least 16 bytes in the environment variable \(MaskSecret.variable), which is "
                    + (environment[MaskSecret.variable] == nil ? "not set" : "shorter"))
        }
        var spec = self
        spec.maskSecret = secret
        return spec
    }

    /// Which key attributes are named by a hash alone, since their values are personal; nil where there are none. Masked values may be told.
    /// - Throws: ``JobFailure`` when the job's folder cannot be written.
    func personalKeys(in folder: JobFolder) throws(JobFailure) -> PersonalKeys? {
        guard maskSecret == nil else { return nil }
        var names = Set(allAttributes.filter(\.isPersonal).map(\.name))
        for index in indexes where names.contains(index.hash) { names.insert(index.hashAttribute) }
        return names.isEmpty ? nil : PersonalKeys(names, secret: try folder.personalSecret())
    }

    /// Refuses to write personal data into a table for tests.
    /// - Throws: ``JobFailure``.
    package func checkPersonalData() throws(JobFailure) {
        guard target.purpose == .test, maskSecret == nil else { return }
        let personal = allAttributes.filter(\.isPersonal).map(\.name)
        guard personal.isEmpty else {
            throw JobFailure(
                .usage,
                "\(listed(personal)) \(personal.count == 1 ? "is" : "are") personal, and \(target.table) is for tests; "
                    + "give each a `mask` and load with --masked")
        }
    }
}
