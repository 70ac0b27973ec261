import Gateway
import WebSocket

/// One of a gateway's addresses, and what it takes to get there from this machine.
package struct GatewayWay: Sendable {
    package let endpoint: GatewayEndpoint
    package let proxy: Proxy?
    let edge: EdgeAccess?
}

extension GatewayWay {
    package init(to endpoint: GatewayEndpoint, _ configuration: Configuration) {
        self.init(
            endpoint: endpoint, proxy: configuration.proxies.proxy(to: endpoint),
            // Not in the clear: it opens more than this gateway.
            edge: endpoint.isTLS ? configuration.edge : nil)
    }
}

/// What Cloudflare Access wants of a machine before it lets it through (openclaw-gateway §1.1).
package struct EdgeAccess: Sendable {
    let clientID: String
    let clientSecret: String

    var headers: [(String, String)] {
        [("CF-Access-Client-Id", clientID), ("CF-Access-Client-Secret", clientSecret)]
    }
}
