@testable import WebSocket

/// What SOCKS5 proxies say. The input's first byte says what they are asked for, and by whom.
enum SOCKSAnswers {
    @Sendable static func check(_ input: [UInt8]) throws {
        guard let kind = input.first else { return }
        let host = ["gateway.example", "192.0.2.7", "2001:db8::1", ""][Int(kind & 3)]
        let credentials = kind & 4 == 0 ? nil : Proxy.Credentials(user: "user", password: kind & 8 == 0 ? "" : "word")
        var client: SOCKS5Client
        do throws(ProxyFault) { client = try SOCKS5Client(to: host, port: 443, as: credentials) } catch {
            return expect(false, "what has room is asked for: \(error)")
        }
        var rest = input.dropFirst()
        var wanted = client.wanted
        var said = 1
        // As a tunnel reads: no byte more than is wanted.
        while rest.count >= wanted {
            let answer = Array(rest.prefix(wanted))
            rest = rest.dropFirst(wanted)
            let step: SOCKS5Client.Step
            do throws(ProxyFault) { step = try client.take(answer) } catch {
                expect(!"\(error)".isEmpty, "a refusal has words")
                return
            }
            switch step {
            case .send(let bytes):
                said += 1
                expect(said <= (credentials == nil ? 2 : 3), "nothing is said twice")
                expect((3...520).contains(bytes.count), "what is said has its fields and no more")
                wanted = client.wanted
            case .read(let count):
                expect((2...257).contains(count), "an address has a length")
                wanted = count
            case .open: return expect(said > 1, "nothing is open that was not asked for")
            }
        }
    }
}
