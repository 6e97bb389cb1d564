package dev.muster.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/** Called by the build: {@code Main ROOT VERSION TIME TARGET offline=false}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]).normalize();
        String version = args[1];
        Path target = Path.of(args[3]);
        boolean offline = args[4].equals("offline=true");
        Path file = target.resolve("muster-" + version + ".tar.gz");
        Path bill = target.resolve("bom.json");
        Files.deleteIfExists(file);
        if (offline && !Files.exists(bill)) {
            System.out.println("no distribution: its bill of materials is made by a build that is not offline");
            return;
        }
        new Distribution(root, version, bill).archive(Instant.parse(args[2])).write(file);
        System.out.println(String.format(Locale.ROOT, "%s, %.1f MB", file, Files.size(file) / 1e6));
    }
}
