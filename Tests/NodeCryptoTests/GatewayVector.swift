import Testing

/// The strings a node signs for its gateway, with the signatures of the seed 00…1f (openclaw gateway §3.6).
struct GatewayVector: Sendable, CustomTestStringConvertible {
    let name: String
    let payload: String
    let signature: String

    var testDescription: String { name }

    private static let device = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c"
    private static let nonce = "6f1f1c0e-8d5a-4c39-9a51-0d6f5b9f2c11"

    static let all = [
        GatewayVector(
            name: "v3 with a token",
            payload: "v3|\(device)|node-host|node|node||1767225600000|test-gateway-token|\(nonce)|linux|linux",
            signature: "0EGCLiD5fu65Hny0JVjaDXmL7UODqov6dkRwPsszuZfP96uhcY-7XmznsQh2MlpP15w1rZfbTpAaZb-CCw5FDQ"),
        GatewayVector(
            name: "v2",
            payload: "v2|\(device)|node-host|node|node||1767225600000|test-gateway-token|\(nonce)",
            signature: "2cgO7oSdyo5gVqFMIrDSZrjTZAQAU0msg54h1Q_CvIgjACXk8GtCPUGdu-K5TjcwAW3AOxEA9toVMem--CBkAw"),
        GatewayVector(
            name: "v1",
            payload: "v1|\(device)|node-host|node|node||1767225600000|test-gateway-token",
            signature: "1pcXEnYBslVhg1GSCep6Kiewd9MUqdvlv4cI6DGhLplrN9TLwc8C6RoKIFgzNIr3unu-3StjigNROXahEMl0DA"),
        GatewayVector(
            name: "v3 without a credential",
            payload: "v3|\(device)|node-host|node|node||1767225600000||\(nonce)|linux|linux",
            signature: "mWWJwiyaRcz2U63Fy9H8wAvbJtDiOKQ_KVco0SxIOoYUAT3ry3j-LYfCkJQLb6myLC3IegdNHBBwJsLOA56vBA"),
        GatewayVector(
            name: "v3, normalised",
            payload: "v3|\(device)|cli|cli|operator|operator.read,operator.write|1767225600000|test-gateway-token"
                + "|\(nonce)|linux|",
            signature: "W-_9BUt_6rykwpAjT22Y5_yuuRgs6fHd0CdXEpXdgfBSkYASiEJDLrWIjpkj0M2t1_ULZaA5JcqtlK_KOB0YCg"),
    ]
}
