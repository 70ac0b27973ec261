import CALSA
import Glibc
import LinuxIO
import NodeMedia

/// An open PCM device that records; it is closed when this goes. Every call blocks for as long as a driver takes.
struct ALSAStream: ~Copyable {
    enum Outcome {
        case samples([Int16])
        case nothing
        /// It was not read in time, and begins anew.
        case overrun
    }

    private let handle: ALSAHandle
    private let id: String
    let format: SoundFormat
    /// What is read at once.
    private let period: Int
    /// What becomes readable when there is something; -1 where nothing does.
    let descriptor: CInt

    private var alsa: CN_ALSA { handle.alsa }
    private var device: OpaquePointer { handle.device }

    private static let periodTime: CUnsignedInt = 20_000
    /// A machine that swaps, or encodes beside it, may leave a recording alone for a second.
    private static let bufferTime: CUnsignedInt = 2_000_000

    private init(_ handle: consuming ALSAHandle, _ id: String, _ format: SoundFormat, period: Int, descriptor: CInt) {
        self.handle = handle
        self.id = id
        self.format = format
        self.period = period
        self.descriptor = descriptor
    }

    /// Records as near to `wanted` as the device itself can; only the layout of a sample is changed on the way.
    static func open(_ id: String, as wanted: SoundFormat) throws(SoundError) -> ALSAStream {
        let handle = try ALSAHandle(opening: id)
        let (format, period) = try configure(handle.alsa, handle.device, id, wanted)
        var watched = pollfd()
        let count = handle.alsa.snd_pcm_poll_descriptors(handle.device, &watched, 1)
        try check(handle.alsa.snd_pcm_start(handle.device), id)
        return ALSAStream(handle, id, format, period: period, descriptor: count >= 1 ? watched.fd : -1)
    }

    /// A device by the plugin that changes the layout of its samples, where it has to. What the owner has chosen may be any.
    static func converted(_ id: String) -> String {
        id.hasPrefix("hw:") ? "plug" + id : "plug:'\(id)'"
    }

    private static func configure(
        _ alsa: CN_ALSA, _ device: OpaquePointer, _ id: String, _ wanted: SoundFormat
    ) throws(SoundError) -> (SoundFormat, period: Int) {
        var allocated: OpaquePointer?
        try check(alsa.snd_pcm_hw_params_malloc(&allocated), id)
        defer { alsa.snd_pcm_hw_params_free(allocated) }
        try check(alsa.snd_pcm_hw_params_any(device, allocated), id)
        // Its resampler draws straight lines between samples; whoever gets them has a better one.
        try check(alsa.snd_pcm_hw_params_set_rate_resample(device, allocated, 0), id)
        try check(alsa.snd_pcm_hw_params_set_access(device, allocated, SND_PCM_ACCESS_RW_INTERLEAVED), id)
        try check(alsa.snd_pcm_hw_params_set_format(device, allocated, SND_PCM_FORMAT_S16_LE), id)
        var channels = CUnsignedInt(wanted.channels)
        try check(alsa.snd_pcm_hw_params_set_channels_near(device, allocated, &channels), id)
        var rate = CUnsignedInt(wanted.sampleRate)
        try check(alsa.snd_pcm_hw_params_set_rate_near(device, allocated, &rate, nil), id)
        // Not every device can be asked for these, and each has some.
        var periodTime = periodTime
        _ = alsa.snd_pcm_hw_params_set_period_time_near(device, allocated, &periodTime, nil)
        var bufferTime = bufferTime
        _ = alsa.snd_pcm_hw_params_set_buffer_time_near(device, allocated, &bufferTime, nil)
        try check(alsa.snd_pcm_hw_params(device, allocated), id)
        try check(alsa.snd_pcm_hw_params_get_rate(allocated, &rate, nil), id)
        try check(alsa.snd_pcm_hw_params_get_channels(allocated, &channels), id)
        var period: snd_pcm_uframes_t = 0
        try check(alsa.snd_pcm_hw_params_get_period_size(allocated, &period, nil), id)
        // Some plugins think of seconds.
        let size = min(max(Int(period), 1), Int(rate) / 10)
        return (SoundFormat(sampleRate: Int(rate), channels: Int(channels)), size)
    }

    mutating func read() throws(SoundError) -> Outcome {
        var count = 0
        let samples = [Int16](unsafeUninitializedCapacity: period * format.channels) { space, filled in
            count = alsa.snd_pcm_readi(device, space.baseAddress, snd_pcm_uframes_t(period))
            filled = max(0, count) * format.channels
        }
        switch CInt(count) {
        case 1...: return .samples(samples)
        case 0, -EAGAIN: return .nothing
        case -EPIPE:
            try Self.check(alsa.snd_pcm_prepare(device), id)
            try Self.check(alsa.snd_pcm_start(device), id)
            return .overrun
        case -ESTRPIPE:
            // The machine has slept. Until the device is back it says EAGAIN; one that cannot go on begins anew.
            let code = alsa.snd_pcm_resume(device)
            if code == -EAGAIN { return .nothing }
            if code < 0 { try Self.check(alsa.snd_pcm_prepare(device), id) }
            // It may go on by itself.
            _ = alsa.snd_pcm_start(device)
            return .overrun
        default: throw Self.error(CInt(count), id)
        }
    }

    /// How many there are that were recorded and not read; nil where the device does not tell.
    mutating func delay() -> Int? {
        var delay: snd_pcm_sframes_t = 0
        return alsa.snd_pcm_delay(device, &delay) == 0 ? max(0, delay) : nil
    }

    private static func check(_ code: CInt, _ id: String) throws(SoundError) {
        if code < 0 { throw error(code, id) }
    }

    static func error(_ code: CInt, _ id: String) -> SoundError {
        switch -code {
        case EBUSY: .busy(id + ALSADevices.holder(of: id))
        case EACCES, EPERM: ALSADevices.permission(id)
        // Plugins of ALSA's configuration say so of what they do not know.
        case ENOENT: .notFound(id, known: [])
        case ENODEV, ENXIO, EBADFD: .gone(id)
        default: .failed(id, reason: ALSA.words(code))
        }
    }
}

/// The open device alone.
struct ALSAHandle: ~Copyable {
    let alsa: CN_ALSA
    let device: OpaquePointer

    init(opening id: String) throws(SoundError) {
        guard let alsa = ALSA.functions else { throw .noSource }
        var opened: OpaquePointer?
        let name = ALSAStream.converted(id)
        let code = alsa.snd_pcm_open(&opened, name, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK)
        guard code >= 0, let device = opened else { throw ALSAStream.error(code, id) }
        self.alsa = alsa
        self.device = device
    }

    deinit {
        _ = alsa.snd_pcm_close(device)
    }
}
