import NodeCamera

/// How the program is told what to do: in options that all its versions know, unless a second camera is asked for.
enum StillArguments {
    static let list = ["--list-cameras"]

    /// One picture to the standard output.
    static func picture(_ request: StillRequest, of camera: ListedCamera) -> [String] {
        var words = ["-n", "-o", "-", "-t", "\(Int(warmUp(of: request) / .milliseconds(1)))"]
        if camera.number != 0 { words += ["--camera", "\(camera.number)"] }
        if let size = camera.picture(maxWidth: request.maxWidth) {
            words += ["--width", "\(size.width)", "--height", "\(size.height)"]
        }
        return words
    }

    /// How long the program shows itself a preview before the picture.
    static func warmUp(of request: StillRequest) -> Duration {
        switch request.warmUp {
        // libcamera's exposure, white balance and focus come to rest within some twenty frames, and do not tell.
        case .untilSettled: .seconds(1)
        // 0 would be for ever.
        case .exactly(let duration): max(duration, .milliseconds(1))
        }
    }
}
