import Manual

/// clawnode-encode(8), and what `--help` prints of it.
enum Page {
    static let page = ManualPage(
        "clawnode-encode", 8, "make a file of the pictures and sound of clawnode-media",
        [
            .init("SYNOPSIS", [.text("`clawnode-encode` [`--version`]")]),
            .init("DESCRIPTION", description),
            .init(
                "EXIT STATUS",
                [
                    .terms([
                        .init("0", "The file is handed over, or nobody wants it any more."),
                        .init("64", "A command line that is not understood, or nothing on descriptor 3."),
                        .init("70", "A defect of this program."),
                    ])
                ]),
            .init("SEE ALSO", [.text("clawnode-media(8), clawnode(1)")]),
        ])

    private static let description: [ManualPage.Block] = [
        .text(
            "Takes the frames of a camera and the samples of a microphone from clawnode-media(8), over the socket on descriptor 3 "
                + "and memory that both have mapped, and hands back a finished file: H.264 and AAC as MP4, or sound alone as M4A, Opus, "
                + "FLAC or WAV. It is started for each clip, from beside clawnode-media's own program or from `/usr/libexec/clawnode`, "
                + "and ends with it; nobody starts it by hand."),
        .text(
            "It uses FFmpeg's libraries, with the first encoder of `h264_v4l2m2m`, `h264_vaapi`, `libx264` and `libopenh264` that works "
                + "on this machine. Those of hardware are written against their documentation and have not been tried."),
    ]
}
