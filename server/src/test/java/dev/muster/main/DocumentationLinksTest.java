package dev.muster.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of the documentation to something in the repository leads there; every page can be reached from the index. */
class DocumentationLinksTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : links(page)) {
                problem(page, link).ifPresent(why -> broken.add(ROOT.relativize(page) + ": " + why));
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        Path index = ROOT.resolve("docs/README.md");
        Set<Path> linked = links(index).stream()
                .map(link -> index.resolveSibling(link).normalize())
                .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (Path page : pages()) {
            if (page.startsWith(ROOT.resolve("docs"))
                    && !page.startsWith(ROOT.resolve("docs/decisions"))
                    && !page.equals(index)
                    && !linked.contains(page)) {
                missing.add(ROOT.relativize(page).toString());
            }
        }
        assertThat(missing).as("pages that docs/README.md does not name").isEmpty();
    }

    @Test
    void aBrokenLinkAndABrokenHeadingAreFound() throws IOException {
        Path page = ROOT.resolve("README.md");
        assertThat(problem(page, "docs/absent.md")).hasValue("docs/absent.md does not exist");
        assertThat(problem(page, "docs/security.md#no-such-heading"))
                .hasValue("docs/security.md#no-such-heading: that page has no such heading");
        assertThat(problem(page, "docs/security.md#upkeep")).isEmpty();
        assertThat(problem(page, "https://example.org/")).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> links(Path page) throws IOException {
        Matcher matcher = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll(""));
        return matcher.results().map(found -> found.group(1)).toList();
    }

    private static Optional<String> problem(Path page, String link) throws IOException {
        if (link.matches("[a-z]+:.*")) {
            return Optional.empty();
        }
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!Files.exists(target)) {
            return Optional.of(link + " does not exist");
        }
        if (parts.length == 2 && !anchors(target).contains(parts[1])) {
            return Optional.of(link + ": that page has no such heading");
        }
        return Optional.empty();
    }

    /** As GitHub makes them. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
