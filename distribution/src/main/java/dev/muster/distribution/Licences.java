package dev.muster.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** The texts of licences and the notices that a library carries in its jar. */
final class Licences {
    private static final Pattern TEXT = Pattern.compile(
            "(META-INF/(license/)?|)[^/]*(LICENSE|LICENCE|NOTICE|COPYING)[^/]*", Pattern.CASE_INSENSITIVE);
    private static final String OF_CONSOLE = "muster-console/licenses.txt";
    private static final long LARGEST = 1 << 20;

    private Licences() {}

    /** By the name that the text has in the jar, without folders. */
    static Map<String, byte[]> in(Path library) throws IOException {
        Map<String, byte[]> texts = new TreeMap<>();
        try (JarFile jar = new JarFile(library.toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                if (!entry.isDirectory()
                        && entry.getSize() < LARGEST
                        && !entry.getName().endsWith(".class")
                        && TEXT.matcher(entry.getName()).matches()) {
                    texts.put(entry.getName().substring(entry.getName().lastIndexOf('/') + 1), read(jar, entry));
                }
            }
        }
        return texts;
    }

    /** Those of the console's libraries, which its build collects; empty in a build without the console. */
    static byte[] ofConsole(Path console) throws IOException {
        try (JarFile jar = new JarFile(console.toFile())) {
            JarEntry entry = jar.getJarEntry(OF_CONSOLE);
            return entry == null ? new byte[0] : read(jar, entry);
        }
    }

    private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
