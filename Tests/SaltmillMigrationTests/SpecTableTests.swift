import SaltmillDynamoDB
import SaltmillMigration
import Testing

@Suite struct SpecTableTests {
    @Test func aProvisionedTableIsDefinedWithItsIndexesAndSalts() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("orders"), environment: SpecExamples.environment)
        #expect(
            try spec.tableDefinition()
                == TableDefinition(
                    name: "orders", key: KeySchema(hash: KeyAttribute("customer", .S), range: KeyAttribute("order_id", .N)),
                    indexes: [
                        TableDefinition.Index(
                            name: "by_status", key: KeySchema(hash: KeyAttribute("status_shard", .S), range: KeyAttribute("placed_at", .S)),
                            projection: .include(["status", "total"]), throughput: Throughput(read: 100, write: 1000)),
                        TableDefinition.Index(
                            name: "by_product", key: KeySchema(hash: KeyAttribute("product", .S), range: KeyAttribute("placed_at", .S)),
                            projection: .keysOnly, throughput: Throughput(read: 100, write: 1000)),
                    ],
                    billing: .provisioned(Throughput(read: 200, write: 1000)),
                    tags: [Tag("saltmill:salt", "v1 sha256 16 key status_shard of status by customer by order_id sep .")]))
    }

    @Test func aTablePaidOnDemandIsDefinedWithItsSalt() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("flights"), environment: [:])
        #expect(
            try spec.tableDefinition()
                == TableDefinition(
                    name: "flights", key: KeySchema(hash: KeyAttribute("day", .S), range: KeyAttribute("flight", .S)), billing: .onDemand,
                    tags: [Tag("saltmill:salt", "v1 sha256 20 key day by flight sep .")]))
    }

    @Test func aTableThatMustExistIsNotDefinedButItsKeyIsKnown() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("types"), environment: [:])
        #expect(try spec.tableDefinition() == nil)
        #expect(spec.keySchema == KeySchema(hash: KeyAttribute("id", .B), range: KeyAttribute("seq", .N)))
        #expect(try spec.saltTags() == [])
    }
}
