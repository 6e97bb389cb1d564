package dev.muster.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What belongs into the archive, out of a checkout whose programs are built. */
final class Distribution {
    private static final List<String> PROGRAMS = List.of("server", "agent", "cli", "simulator");
    private static final List<String> FOLDERS = List.of("examples", "docs", "deploy");

    private final Path root;
    private final String version;
    private final Path bill;

    Distribution(Path root, String version, Path bill) {
        this.root = root;
        this.version = version;
        this.bill = bill;
    }

    Archive archive(Instant time) throws IOException {
        Archive archive = new Archive("muster-" + version, time);
        archive.addAll("bin", root.resolve("distribution/src/main/dist/bin"));
        archive.add("programs/programs.sh", root.resolve("distribution/src/main/dist/programs.sh"));
        archive.add("programs/find-jdk.sh", root.resolve(".mvn/find-jdk.sh"));
        for (String folder : FOLDERS) {
            archive.addAll(folder, root.resolve(folder));
        }
        for (String file : List.of("LICENSE", "NOTICE", "README.md", "CHANGELOG.md")) {
            archive.add(file, root.resolve(file));
        }
        programs(archive);
        archive.add("bom.json", bill);
        return archive;
    }

    private void programs(Archive archive) throws IOException {
        Map<String, Path> libraries = new TreeMap<>();
        for (String name : PROGRAMS) {
            ProgramJar program = ProgramJar.of(root, name, version);
            archive.add("programs/" + name + ".jar", program.jar());
            program.libraries().forEach(file -> libraries.put(file.getFileName().toString(), file));
        }
        for (Map.Entry<String, Path> library : libraries.entrySet()) {
            archive.add("programs/lib/" + library.getKey(), library.getValue());
            String name = library.getKey().replaceFirst("\\.jar$", "");
            Licences.in(library.getValue())
                    .forEach((text, bytes) -> archive.add("licenses/" + name + "/" + text, bytes));
        }
        archive.add("licenses/console.txt", Licences.ofConsole(console(libraries)));
        Bill named = Bill.read(bill);
        PROGRAMS.forEach(name -> libraries.put(name + "-" + version + ".jar", root));
        named.mustName(libraries.keySet());
        archive.add("THIRD-PARTY.txt", named.asText().getBytes(StandardCharsets.UTF_8));
    }

    private Path console(Map<String, Path> libraries) throws IOException {
        Path console = libraries.get("console-" + version + ".jar");
        if (console == null) {
            throw new IOException("the server's class path names no console-" + version + ".jar");
        }
        return console;
    }
}
