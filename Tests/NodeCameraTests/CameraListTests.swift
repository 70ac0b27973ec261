import NodeCore
import NodeMedia
import Testing

@testable import NodeCamera

@Suite("camera.list")
struct CameraListTests {
    @Test("every camera is listed with what consumers read, and a size at a time")
    func shape() throws {
        let info = CameraInfo(
            id: "/dev/v4l/by-id/usb-x", name: "X", deviceType: "v4l2", bus: "usb-1",
            formats: [.init(.mjpeg, width: 640, height: 480, fps: 12.5)])
        let text = try JSON.encode(CameraList.Output(devices: [info]))
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"devices":[{"bus":"usb-1","busy":false,"deviceType":"v4l2","formats":[{"fourcc":"MJPG","fps":12.5,"#
                + #""height":480,"width":640}],"id":"/dev/v4l/by-id/usb-x","name":"X","position":"unknown"}]}"#)
    }

    @Test("a machine without cameras has an empty list")
    func none() async throws {
        #expect(try await CameraList(driver: NoCameras()).run(NoParams(), in: .test).devices.isEmpty)
    }

    @Test("cameras that may not be opened are said to be that")
    func permission() async {
        let error = CameraError.permission("/dev/video0", group: "video", user: "ada")
        await #expect(throws: error) {
            try await CameraList(driver: NoCameras(error: error)).run(NoParams(), in: .test)
        }
    }
}
