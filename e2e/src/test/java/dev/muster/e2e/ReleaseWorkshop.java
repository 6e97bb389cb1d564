package dev.muster.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and releases, made, signed and published by the command line as CI would. */
final class ReleaseWorkshop {
    private final CommandLine muster;
    private final Path folder;
    private final String root;

    ReleaseWorkshop(CommandLine muster, Path folder, String component) throws Exception {
        this.muster = muster;
        this.folder = Files.createDirectories(folder);
        String printed = muster.must(
                "release",
                "keys",
                "init",
                "--plain",
                "--out",
                folder.resolve("keys").toString(),
                "--component",
                component);
        Matcher found = Pattern.compile("--release-root=([0-9a-f]{64})").matcher(printed);
        if (!found.find()) {
            throw new AssertionError("keys init does not print the root: " + printed);
        }
        this.root = found.group(1);
    }

    /** SHA-256 of the first root, as agents pin it. */
    String root() {
        return root;
    }

    Path keys() {
        return folder.resolve("keys");
    }

    /**
     * An application for an agent's slots.
     *
     * @param program of its {@code run.sh}; it is well when it has written its version to {@code $MUSTER_DATA/version}
     * @return the archive
     */
    Path application(String version, String program) throws Exception {
        Path content = Files.createDirectories(folder.resolve(version));
        script(content.resolve("run.sh"), "echo " + version + " >\"$MUSTER_DATA/version\"\n" + program);
        script(content.resolve("health.sh"), "[ \"$(cat \"$MUSTER_DATA/version\")\" = \"$(cat version)\" ]\n");
        Files.writeString(content.resolve("version"), version + "\n");
        Path archive = folder.resolve("app-" + version + ".tar.gz");
        int code = new ProcessBuilder("tar", "-czf", archive.toString(), "-C", content.toString(), ".")
                .start()
                .waitFor();
        if (code != 0) {
            throw new AssertionError("tar ended with " + code);
        }
        return archive;
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** @param artifacts {@code FILE} or {@code FILE=HARDWARE} */
    void publish(String component, String version, String... artifacts) throws Exception {
        String draft = create(component, version, artifacts);
        sign(draft, component);
        muster.must("release", "publish", draft);
    }

    /** A draft, which is not signed. @return its folder */
    String create(String component, String version, String... artifacts) throws Exception {
        String draft = folder.resolve(component + "@" + version + ".release").toString();
        List<String> create = new ArrayList<>(List.of("release", "create", component + "@" + version, "--out", draft));
        for (String artifact : artifacts) {
            create.addAll(List.of("--artifact", artifact));
        }
        muster.must(create.toArray(String[]::new));
        return draft;
    }

    void sign(String draft, String component) throws Exception {
        muster.must(
                "release",
                "sign",
                draft,
                "--key",
                keys().resolve("releases-" + component + ".key").toString());
    }
}
