package dev.muster.agent.logs;

import dev.muster.protocol.Severity;
import java.nio.file.Path;
import java.util.List;

/**
 * Files whose lines are sent.
 *
 * @param paths of files; the last part may have the wildcards of a glob
 * @param severity of a line that says none
 * @param linesPerSecond at most, over all files; what is more waits in the file
 */
public record LogSource(String name, List<Path> paths, Severity severity, int linesPerSecond) {
    public LogSource {
        paths = List.copyOf(paths);
    }
}
