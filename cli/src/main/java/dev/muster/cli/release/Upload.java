package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.tuf.TargetFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Sends an artifact in pieces, from where the server has it; a connection that breaks off is tried again a few times. */
public final class Upload {
    static final int PIECE = 1 << 20;
    private static final int MAX_RETRIES = 5;
    private static final long FIRST_PAUSE_MILLIS = 500;

    private final Api api;
    private final ProgressBar bar;
    private final long total;
    private long done;

    /** @param total bytes of all files, for the bar */
    public Upload(Api api, ProgressBar bar, long total) {
        this.api = api;
        this.bar = bar;
        this.total = total;
    }

    /** @return whether anything had to be sent */
    public boolean send(TargetFile file, Path source) {
        boolean sent = false;
        int retries = 0;
        JsonNode there = progress(file);
        while (!there.path("complete").asBoolean(false)) {
            try {
                there = piece(file, source, there.path("size").asLong(0));
                sent = true;
                retries = 0;
            } catch (CommandFailed e) {
                if (e.code() != ExitCode.UNREACHABLE || retries == MAX_RETRIES) {
                    throw e;
                }
                pause(FIRST_PAUSE_MILLIS << retries++);
                there = progress(file);
            }
            bar.show(done + there.path("size").asLong(0), total);
        }
        done += file.length();
        bar.show(done, total);
        return sent;
    }

    private JsonNode progress(TargetFile file) {
        return api.get(Query.of("artifacts", file.sha256()));
    }

    private JsonNode piece(TargetFile file, Path source, long offset) {
        return api.patch(
                Query.of("artifacts", file.sha256()),
                read(source, offset, file.length()),
                Map.of("Upload-Offset", Long.toString(offset), "Upload-Length", Long.toString(file.length())));
    }

    private static byte[] read(Path source, long offset, long length) {
        byte[] piece = new byte[(int) Math.min(PIECE, length - offset)];
        try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "r")) {
            file.seek(offset);
            int read = 0;
            while (read < piece.length) {
                int more = file.read(piece, read, piece.length - read);
                if (more < 0) {
                    throw new CommandFailed(
                            ExitCode.REFUSED, source + " is shorter than it was; create the release again");
                }
                read += more;
            }
            return piece;
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot read " + source + ": " + e.getMessage());
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitCode.FAILED, "the upload was interrupted; publish again to go on");
        }
    }
}
