import NodeCamera

/// How the program that films is told what to do: in options that all its versions know.
enum FilmArguments {
    /// H.264 to the standard output until it is ended, with the parameters before each key frame.
    static func film(_ request: FilmRequest, of camera: ListedCamera) -> [String] {
        let size = size(of: camera)
        var words = ["-n", "-o", "-", "-t", "0", "--codec", "h264", "--inline"]
        words += ["--width", "\(size.width)", "--height", "\(size.height)"]
        words += ["--framerate", "\(Int(FilmRequest.framesPerSecond))", "--bitrate", "\(request.bitsPerSecond)"]
        if camera.number != 0 { words += ["--camera", "\(camera.number)"] }
        return words
    }

    /// Where no hardware encodes, as on a Raspberry Pi 5, libx264 does. It has to be told what it writes to a pipe, and to refer to no
    /// later frames: what comes out of their order would be shown at the wrong times. Each next is for programs that do not know the
    /// one before: those of before December 2024, and those without libav, which encode by hardware or not at all.
    static let encodings: [[String]] = [
        ["--libav-format", "h264", "--low-latency"], ["--libav-format", "h264", "--profile", "baseline"], [],
    ]

    /// A part of a sensor of another shape; all of a small one.
    static func size(of camera: ListedCamera) -> ListedCamera.Size {
        let usual = ListedCamera.Size(width: FilmRequest.width, height: FilmRequest.height)
        guard let sensor = camera.sensor, sensor.width < usual.width || sensor.height < usual.height else {
            return usual
        }
        return camera.picture(maxWidth: sensor.width) ?? usual
    }
}
