import CALSA
import NodeMedia

/// ALSA's functions, found in its library at the first call.
enum ALSA {
    private static let loaded: Result<CN_ALSA, Missing> = {
        var functions = CN_ALSA()
        guard let missing = CN_ALSA_load(&functions) else { return .success(functions) }
        return .failure(Missing(name: String(cString: missing)))
    }()

    private struct Missing: Error {
        let name: String
    }

    /// Nil where there is no such library.
    static var functions: CN_ALSA? { try? loaded.get() }  // which part of it is missing helps nobody

    static func words(_ code: CInt) -> String {
        guard let text = functions?.snd_strerror(code) else { return "error \(-code)" }
        return String(cString: text)
    }
}
