import Glibc

/// A program that takes pictures or clips with libcamera's cameras: an executable of one of the names it has had.
struct CameraProgram: Equatable, Sendable {
    /// In the order of preference: those named `jpeg` are leaner, but less is known of their options.
    static let stills = ["rpicam-still", "rpicam-jpeg", "libcamera-still", "libcamera-jpeg"]
    static let films = ["rpicam-vid", "libcamera-vid"]
    /// The package of Raspberry Pi OS that has them and needs no desktop.
    static let package = "rpicam-apps-lite"
    /// The one whose programs encode where no hardware does.
    static let encodingPackage = "rpicam-apps"

    let path: String

    var name: String { path.lastIndex(of: "/").map { String(path[$0...].dropFirst()) } ?? path }

    /// One of `names`. `searchPath` is written like `PATH`; `/usr/bin` always belongs to it.
    static func find(_ names: [String] = stills, in searchPath: String) -> CameraProgram? {
        // What is not an absolute path depends on where we happen to stand.
        let folders = searchPath.split(separator: ":").filter { $0.hasPrefix("/") } + ["/usr/bin"]
        let paths = names.flatMap { name in folders.map { "\($0)/\(name)" } }
        return paths.first { access($0, X_OK) == 0 }.map(CameraProgram.init)
    }
}
