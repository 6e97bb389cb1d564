package dev.muster.agent.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the files of a source; bounded. */
final class SourceFiles {
    static final int MAX_FILES = 32;
    private static final int MAX_LOOKED_AT = 2000;

    private SourceFiles() {}

    /** Path by inode, of at most {@link #MAX_FILES} files in the order of their names. */
    static Map<String, Path> current(LogSource source) {
        List<Path> found = new ArrayList<>();
        for (Path pattern : source.paths()) {
            Path name = pattern.getFileName();
            Path folder = pattern.getParent();
            if (name == null || folder == null) {
                continue;
            }
            if (hasWildcard(name.toString())) {
                found.addAll(list(folder, name.toString()));
            } else {
                found.add(pattern);
            }
        }
        Collections.sort(found);
        Map<String, Path> byInode = new LinkedHashMap<>();
        for (Path path : found) {
            if (byInode.size() < MAX_FILES && Files.isRegularFile(path) && Files.isReadable(path)) {
                try {
                    byInode.putIfAbsent(Tail.inode(path), path);
                } catch (IOException e) {
                    continue; // rotated away between two looks; the next poll sees what it became
                }
            }
        }
        return byInode;
    }

    /** The wanted inodes among the neighbours of the source's files: what was rotated while nobody looked. */
    static Map<String, Path> rotated(LogSource source, Collection<String> inodes) {
        Map<String, Path> found = new HashMap<>();
        if (inodes.isEmpty()) {
            return found;
        }
        for (Path pattern : source.paths()) {
            Path folder = pattern.getParent();
            for (Path path : folder == null ? List.<Path>of() : list(folder, "*")) {
                try {
                    String inode = Tail.inode(path);
                    if (inodes.contains(inode) && Files.isRegularFile(path)) {
                        found.put(inode, path);
                    }
                } catch (IOException e) {
                    continue;
                }
            }
        }
        return found;
    }

    static boolean hasWildcard(String name) {
        return name.chars().anyMatch(c -> "*?[{\\".indexOf(c) >= 0);
    }

    private static List<Path> list(Path folder, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            for (Path entry : entries) {
                if (found.size() >= MAX_LOOKED_AT) {
                    break;
                }
                found.add(entry);
            }
        } catch (IOException e) {
            return List.of(); // a folder that is not there yet
        }
        return found;
    }
}
