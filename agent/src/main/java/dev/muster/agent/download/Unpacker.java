package dev.muster.agent.download;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.util.Native;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** Unpacking with native code, where there is some for this machine. */
final class Unpacker {
    /** Whether the native code can be loaded; a folder for temporary files from which nothing may be executed is enough that it cannot. */
    static final boolean IS_THERE = load();

    private static final int CHUNK = 1 << 16;

    private Unpacker() {}

    private static boolean load() {
        try {
            Native.load();
            return true;
        } catch (LinkageError | RuntimeException e) {
            System.getLogger(Unpacker.class.getName())
                    .log(System.Logger.Level.INFO, "files are fetched as they are: there is no zstd here: {0}", e);
            return false;
        }
    }

    /**
     * Unpacks into a file that is replaced; with a window of at most 8 MiB.
     *
     * @param size that it must have
     * @param digest of what was unpacked
     */
    static void unpack(Path packed, Path into, long size, MessageDigest digest) throws IOException {
        digest.reset();
        long made = 0;
        try (InputStream in = new ZstdInputStream(Files.newInputStream(packed)).setLongMax(23);
                OutputStream out = Files.newOutputStream(into)) {
            byte[] chunk = new byte[CHUNK];
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                made += n;
                if (made > size) {
                    throw new IOException("it unpacks to more than the " + size + " bytes that are expected");
                }
                digest.update(chunk, 0, n);
                out.write(chunk, 0, n);
            }
        }
        if (made < size) {
            throw new EOFException("it unpacks to " + made + " bytes, " + size + " are expected");
        }
    }
}
