package dev.muster.gateway.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** The edge to the disk for writing: {@link FileChannel#open}, or one that fails in tests. */
interface ChannelOpener {
    FileChannel open(Path path, OpenOption... options) throws IOException;
}
