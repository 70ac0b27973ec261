import NodeMedia
import Testing

@Suite("Byte budget")
struct ByteBudgetTests {
    @Test("a photo's base64 stays within 5 MiB however much the connection takes")
    func photo() {
        #expect(ByteBudget(payloadLimit: 25 << 20).limit == 3_932_160)
        #expect(ByteBudget(payloadLimit: .max).limit == 3_932_160)
    }

    @Test("a clip may be larger than a photo") func clip() {
        #expect(ByteBudget(payloadLimit: 25 << 20, most: ByteBudget.clip).limit == 16 << 20)
        #expect(ByteBudget(payloadLimit: 264, most: ByteBudget.clip).limit == 6)
    }

    @Test(
        "a smaller connection leaves room for base64, its padding and the words around it",
        arguments: [
            (1_000_000, 100, 749_925), (256, 256, 0), (100, 256, 0), (260, 256, 3), (263, 256, 3), (264, 256, 6),
        ])
    func connection(payload: Int, envelope: Int, limit: Int) {
        #expect(ByteBudget(payloadLimit: payload, envelope: envelope).limit == limit)
    }
}
