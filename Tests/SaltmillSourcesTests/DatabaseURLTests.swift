import SaltmillSources
import Testing

@Suite struct DatabaseURLTests {
    @Test func partsAreTakenApartAndDecoded() throws {
        let url = try DatabaseURL(parsing: "mysql://read%40er:p%2Fw@db1:3307/my%20pairs?socket=/run/my.sock")
        #expect(url.kind == .mysql)
        #expect((url.user, url.password, url.host, url.port) == ("read@er", "p/w", "db1", 3307))
        #expect((url.database, url.options) == ("my pairs", ["socket": "/run/my.sock"]))
    }

    @Test func whatIsLeftOutIsLeftToTheClientLibrary() throws {
        let url = try DatabaseURL(parsing: "postgresql:///pairs")
        #expect(url.kind == .postgresql)
        #expect((url.user, url.password, url.host, url.port) == (nil, nil, nil, nil))
        #expect(url.isLocal)
        #expect(try DatabaseURL(parsing: "postgres://[::1]:5433/pairs").host == "::1")
    }

    @Test func nameHoldsNeitherUserNorPassword() throws {
        #expect(try DatabaseURL(parsing: "mariadb://reader:secret@db1/pairs").name == "mysql://db1/pairs")
    }

    @Test func sqliteIsAFile() throws {
        #expect(try DatabaseURL(parsing: "sqlite:///srv/old.db").database == "/srv/old.db")
        #expect(try DatabaseURL(parsing: "sqlite:old.db").database == "old.db")
    }

    @Test(arguments: [
        "", "pairs", "http://db1/pairs", "mysql:db1", "mysql://db1", "mysql://db1/", "mysql://db1:x/pairs", "mysql://db1:70000/pairs",
        "mysql://db1/pairs?sslmode=require", "mysql://a%zz@db1/pairs", "sqlite://",
    ])
    func whatIsNoURLIsRefusedWithoutBeingShown(_ text: String) {
        let error = #expect(throws: SourceError.self) { try DatabaseURL(parsing: text) }
        #expect(error?.message.hasPrefix("the database's URL cannot be used: ") == true)
    }
}
