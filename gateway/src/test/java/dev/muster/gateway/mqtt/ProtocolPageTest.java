package dev.muster.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol-tests.md} names tests that exist. */
class ProtocolPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|Contract|IT))(?:#(\\w+))?`");

    @Test
    void everyTestThatThePageNamesExists() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/protocol-tests.md"));
        List<MatchResult> named = page.lines()
                .skip(5)
                .flatMap(line -> NAMED.matcher(line).results())
                .toList();
        List<String> absent = new ArrayList<>();
        for (MatchResult test : named) {
            String method = test.group(2);
            String source = sourceOf(test.group(1));
            if (source.isEmpty() || (method != null && !source.contains("void " + method + "("))) {
                absent.add(test.group());
            }
        }
        assertThat(named).hasSizeGreaterThan(30);
        assertThat(absent).isEmpty();
    }

    private static String sourceOf(String name) throws IOException {
        for (String module : List.of("gateway", "protocol", "server", "e2e")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                Path file = files.filter(path -> path.endsWith(name + ".java"))
                        .findFirst()
                        .orElse(null);
                if (file != null) {
                    return Files.readString(file);
                }
            }
        }
        return "";
    }
}
