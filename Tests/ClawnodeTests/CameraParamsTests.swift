import Testing

@testable import clawnode

@Suite struct CameraParamsTests {
    static let cameras = [
        CameraParams.Camera(id: "usb-0", name: "Webcam", alias: nil),
        CameraParams.Camera(id: "usb-1", name: "Other", alias: "Ada's \"door\""),
    ]
    static let second = #"Ada\u0027s \"door\""#

    @Test(
        "params name each camera as long as they could, by its alias where it has one",
        arguments: [
            ("", #"{"deviceId":"usb-0"}"#), ("{\"dev", #"{"deviceId":"usb-0"}"#),
            (#"{"deviceId":""#, #"{"deviceId":"usb-0"}"#),
            (#"{"deviceId":"us"#, #"{"deviceId":"usb-0"}"#), (#"{"deviceId": "us"#, #"{"deviceId": "usb-0"}"#),
            (#"{"maxWidth":640,"deviceId":""#, #"{"maxWidth":640,"deviceId":"usb-0"}"#),
        ])
    func ids(typed: String, first: String) {
        let whole = CameraParams(typed).candidates(Self.cameras).map(\.text)
        #expect(whole.first == first)
        #expect(whole.last == first.replacing("usb-0", with: Self.second))
    }

    @Test(
        "elsewhere they are nobody's to guess",
        arguments: [#"{"deviceId":"usb-0","#, #"{"maxWidth":6"#, #"{"facing":"b"#, "x"])
    func elsewhere(typed: String) {
        #expect(CameraParams(typed).candidates(Self.cameras).isEmpty)
    }
}
