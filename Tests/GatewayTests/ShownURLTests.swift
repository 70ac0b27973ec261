import Testing

@testable import Gateway

@Suite struct ShownURLTests {
    @Test(
        "what may be secret in a URL is not shown, the rest is as it was",
        arguments: [
            ("wss://gw.example:18789/ctx", "wss://gw.example:18789/ctx"),
            ("wss://gw.example/?token=hush", "wss://gw.example/?…"),
            ("wss://gw.example?token=hush/x", "wss://gw.example?…"),
            ("http://gw.example/#token=hush", "http://gw.example/#…"),
            ("htps://me:hush@gw.example/a@b?hush", "htps://…@gw.example/a@b?…"),
            ("http://me:hu@sh@proxy:3128", "http://…@proxy:3128"), ("me:hush@gw.example", "…@gw.example"),
            ("gw.example", "gw.example"), ("://?hush", "://?…"), ("", ""),
        ])
    func shown(text: String, as expected: String) {
        #expect(text.withoutSecrets == expected)
    }

    @Test("an address is kept whole and shown without its query") func endpoint() throws {
        let endpoint = try GatewayEndpoint("wss://gw.example/ctx?token=hush")
        #expect(endpoint.url == "wss://gw.example:443/ctx?token=hush" && endpoint.path == "/ctx?token=hush")
        #expect("\(endpoint)" == "wss://gw.example:443/ctx?…")
        #expect(try GatewayEndpoint(endpoint.url) == endpoint)
    }

    @Test(
        "an address that is none is told without what may be secret in it",
        arguments: [
            "htps://gw.example/?hush", "hush:hush@gw", "x://me:hush@gw", "wss://[hush@gw/", "wss://?token=hush",
        ])
    func errors(text: String) {
        do throws(EndpointError) {
            _ = try GatewayEndpoint(text)
            Issue.record("\(text) is taken for an address")
        } catch { #expect(!error.description.contains("hush")) }
    }
}
