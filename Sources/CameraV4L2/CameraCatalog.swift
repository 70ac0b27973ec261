import LinuxIO
import NodeCamera

/// Finds the cameras among the video nodes. Every call looks anew, and opens nodes: it may block for as long as a driver takes.
struct CameraCatalog: Sendable {
    let root: String

    private var files: DeviceFiles { DeviceFiles(root: root) }

    /// All of them, by the number of their nodes. `ours` are the paths of those that we are streaming from.
    func list(ours: Set<String>) throws(CameraError) -> [CameraInfo] {
        var cameras: [CameraInfo] = []
        var denied: CameraError?
        for path in files.videoNodes {
            do throws(Errno) {
                let device = try V4L2Device(opening: path)
                let identity = device.identity
                guard identity.isCamera else { continue }
                let formats = FormatChoice(modes: device.modes).listed.map { mode in
                    CameraInfo.Format(mode.format, width: mode.width, height: mode.height, fps: mode.framesPerSecond)
                }
                cameras.append(
                    CameraInfo(
                        id: names(of: path, bus: identity.bus).id, name: identity.name, deviceType: "v4l2",
                        bus: identity.bus, formats: formats, busy: !ours.contains(path) && device.isBusy))
            } catch { Self.note(error, at: path, in: &denied) }
        }
        if cameras.isEmpty, let denied { throw denied }
        return cameras
    }

    /// The node of the camera that answers to `name`, or of the first one for nil. What is in `known` is a camera without looking.
    func find(_ name: String?, known: Set<String>) throws(CameraError) -> String {
        var ids: [CameraInfo.ID] = []
        var denied: CameraError?
        let target = name.flatMap { node(named: $0) }
        for path in files.videoNodes {
            if let target, target != path { continue }
            if name == nil, known.contains(path) { return path }
            do throws(Errno) {
                let identity = try V4L2Device(opening: path).identity
                guard identity.isCamera else { continue }
                let names = names(of: path, bus: identity.bus)
                guard let name else { return path }
                if path == target || names.answers(to: name) { return path }
                ids.append(names.id)
            } catch {
                // The links tell the names of what may not be opened.
                let isMeant = name.map { path == target || names(of: path, bus: "").answers(to: $0) } ?? true
                if isMeant { Self.note(error, at: path, in: &denied) }
            }
        }
        if let denied { throw denied }
        guard let name else { throw .noCamera }
        // Looking for one path left the others out.
        throw .notFound(name, known: target == nil ? ids : try list(ours: known).map(\.id))
    }

    /// The id of the camera whose node is at `path`.
    func id(at path: String) throws(CameraError) -> CameraInfo.ID {
        do throws(Errno) { return names(of: path, bus: try V4L2Device(opening: path).identity.bus).id } catch {
            throw CameraError(error, at: path)
        }
    }

    /// Which of `names` the camera at `path` answers to. No other node is opened: that would switch some cameras on.
    func names(at path: String, among names: [CameraInfo.ID]) throws(CameraError) -> [CameraInfo.ID] {
        let device: V4L2Device
        do throws(Errno) { device = try V4L2Device(opening: path) } catch { throw CameraError(error, at: path) }
        let own = self.names(of: path, bus: device.identity.bus)
        return names.filter { node(named: $0).map { $0 == path } ?? own.answers(to: $0) }
    }

    /// The node that a name means by itself, as all but a bus do: any link in /dev will do, also one of the owner's own making.
    private func node(named name: CameraInfo.ID) -> String? {
        let places = name.hasPrefix("/") ? [""] : ["\(root)/", "\(root)/v4l/by-id/", "\(root)/v4l/by-path/"]
        return places.lazy.compactMap { DeviceFiles.destination(of: $0 + name) }.first { files.videoNodes.contains($0) }
    }

    /// A node that vanishes while it is looked at was no camera; the first that may not be opened explains an empty list.
    private static func note(_ error: Errno, at path: String, in denied: inout CameraError?) {
        let error = CameraError(error, at: path)
        if case .permission = error, denied == nil { denied = error }
    }

    private func names(of path: String, bus: String) -> CameraNames {
        let number = path.dropFirst("\(root)/".count)
        // sysfs has it for every node; where it is not mounted the first of several is as good as any.
        let text = (try? StateFile.read("/sys/class/video4linux/\(number)/index")) ?? []
        let index = Int(String(decoding: text.prefix { $0 >= 0x30 }, as: UTF8.self)) ?? 0
        return CameraNames(
            path: path, byID: files.links(in: "by-id", to: path), byPath: files.links(in: "by-path", to: path),
            bus: bus,
            index: index)
    }
}
