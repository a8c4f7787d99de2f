/// The service's host names in a region: those of its partition (AWS, China, GovCloud and others), FIPS and dual-stack.
///
/// Source: the endpoint rules and the partitions that the AWS SDKs publish for DynamoDB.
struct RegionalNames {
    let region: String
    let usesFIPS: Bool
    let usesDualStack: Bool

    /// Domains by the beginning of the region's name: of plain names, and of dual-stack ones where there are any.
    private static let domains: [(prefix: String, plain: String, dualStack: String?)] = [
        ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
        ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
        ("", "amazonaws.com", "api.aws"),
    ]

    /// - Throws: ``ConfigurationError`` when the region has no such name.
    func url() throws(ConfigurationError) -> String {
        if region == "local" {
            guard !usesFIPS, !usesDualStack else {
                throw ConfigurationError("the region local has neither FIPS nor dual-stack endpoints; switch them off")
            }
            return "http://localhost:8000"
        }
        guard let domain = Self.domains.first(where: { region.hasPrefix($0.prefix) }) else { return "" }
        // GovCloud's plain names are FIPS endpoints.
        let isFIPSAnyway = region.hasPrefix("us-gov-") && !usesDualStack
        let service = usesFIPS && !isFIPSAnyway ? "dynamodb-fips" : "dynamodb"
        return "https://\(service).\(region).\(usesDualStack ? domain.dualStack ?? domain.plain : domain.plain)"
    }
}
