import Glibc
import LinuxIO
import NodeCrypto
import NodeTesting
import Testing

@testable import NodeDoctor

@Suite struct AuthoritiesCheckTests {
    static let wss = "{\"gateway\": \"wss://gw.invalid\"}"

    @Test("a machine without authorities is told the package that has them") func none() async throws {
        try await Scene.run { scene in
            let finding = AuthoritiesCheck().look(at: try scene.patient(Self.wss))["authorities"]
            #expect(finding?.verdict == .error)
            #expect(finding?.remedy == "sudo apt install ca-certificates")
        }
    }

    @Test("a directory of them will do, and an empty one will not") func directory() async throws {
        try await Scene.run { scene in
            let place = TLSTrust.systemPlaces[1].path
            try StateFile.makeDirectory(scene.scratch.file("root") + place)
            #expect(try AuthoritiesCheck().look(at: scene.patient(Self.wss))["authorities"]?.verdict == .error)
            try scene.place("a certificate", at: place + "/x.pem")
            #expect(try AuthoritiesCheck().look(at: scene.patient(Self.wss))["authorities"]?.verdict == .ok)
        }
    }

    @Test("the environment may name others, as it does for OpenSSL") func variable() async throws {
        try await Scene.run { scene in
            let file = scene.scratch.file("own.pem")
            try StateFile.write(file, Array("a certificate".utf8), durable: false)
            let patient = try scene.patient(Self.wss, variables: ["SSL_CERT_FILE": file])
            #expect(
                AuthoritiesCheck().look(at: patient)["authorities"]
                    == .ok("authorities", "certificate authorities are in \(file)"))
        }
    }

    static let withoutThem = [
        "{}", "{\"gateway\": \"ws://127.0.0.1:9\"}",
        "{\"gateway\": \"wss://gw.invalid\", \"tlsFingerprints\": [\"\(String(repeating: "ab", count: 32))\"]}",
    ]

    @Test("where they are not asked, they are not missed", arguments: withoutThem)
    func unasked(configuration: String) async throws {
        try await Scene.run { scene in
            let patient = try scene.patient(configuration)
            #expect(AuthoritiesCheck().look(at: patient)["authorities"]?.verdict == .skipped)
        }
    }
}
