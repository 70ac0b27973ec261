import NodeCore
import Testing

@testable import Gateway

@Suite struct FaultNewsTests {
    static func waiting(requestID: String) -> (Disconnect, Condition) {
        let details = GatewayRefusal.Details(code: "PAIRING_REQUIRED", requestId: requestID)
        let refusal = GatewayRefusal(code: "NOT_PAIRED", message: "pairing required", details: details)
        let end = Disconnect(.refused(refusal), retry: .approval)
        return (
            end, LinkCondition(gateway: Samples.gateway, deviceID: Samples.deviceID).condition(for: end, trouble: nil)
        )
    }

    static func lost(served: Duration? = nil) -> (Disconnect, Condition) {
        let end = Disconnect(.transport(.lost(nil)), served: served)
        return (
            end, LinkCondition(gateway: Samples.gateway, deviceID: Samples.deviceID).condition(for: end, trouble: nil)
        )
    }

    @Test("a pairing request is news once per request id")
    func perRequest() {
        var news = FaultNews()
        let told = ["a", "a", "a", "b", "b", "a"].map { id in
            let (end, condition) = Self.waiting(requestID: id)
            return news.isNews(end, condition)
        }
        #expect(told == [true, false, false, true, false, true])
    }

    @Test("the same fault is news again after a connection that worked")
    func afterServing() {
        var news = FaultNews()
        let told = [nil, nil, Duration.seconds(5), nil, nil].map { served in
            let (end, condition) = Self.lost(served: served)
            return news.isNews(end, condition)
        }
        #expect(told == [true, false, false, true, false])
    }

    @Test("what is tried again at once is no news")
    func immediate() {
        var news = FaultNews()
        let end = Disconnect(.refused(GatewayRefusal(code: "X", message: "device signature invalid")), retry: .now)
        let condition = LinkCondition(gateway: Samples.gateway, deviceID: Samples.deviceID)
            .condition(for: end, trouble: nil)
        let isNews = news.isNews(end, condition)
        #expect(!isNews)
    }
}
