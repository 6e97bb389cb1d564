package dev.muster.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bill of materials: every library with its licence, by the name of its file. */
record Bill(Map<String, Library> libraries) {
    /** @param licences SPDX ids, or names where there is none */
    record Library(String group, String name, String version, String licences, String home) {}

    static Bill read(Path file) throws IOException {
        JsonNode bom = new JsonMapper().readTree(Files.readString(file));
        Map<String, Library> libraries = new TreeMap<>();
        for (JsonNode component : bom.path("components")) {
            libraries.put(fileName(component), library(component));
        }
        return new Bill(libraries);
    }

    private static String fileName(JsonNode component) {
        String purl = component.path("purl").asString("");
        String classifier = purl.contains("classifier=") ? "-" + purl.replaceAll(".*classifier=([^&]*).*", "$1") : "";
        return component.path("name").asString("") + "-"
                + component.path("version").asString("") + classifier + ".jar";
    }

    private static Library library(JsonNode component) {
        String licences = component
                .path("licenses")
                .valueStream()
                .map(choice -> choice.has("expression")
                        ? choice.path("expression").asString("")
                        : choice.path("license")
                                .path("id")
                                .asString(choice.path("license").path("name").asString("")))
                .collect(Collectors.joining(" or "));
        return new Library(
                component.path("group").asString(""),
                component.path("name").asString(""),
                component.path("version").asString(""),
                licences,
                home(component));
    }

    private static String home(JsonNode component) {
        return component
                .path("externalReferences")
                .valueStream()
                .filter(reference -> reference.path("type").asString("").matches("website|vcs"))
                .map(reference -> reference.path("url").asString(""))
                .findFirst()
                .orElse("");
    }

    /** What is shipped and what is on the bill must be the same, and the licence of each known. */
    void mustName(Collection<String> shipped) throws IOException {
        TreeSet<String> unnamed = new TreeSet<>(shipped);
        unnamed.removeAll(libraries.keySet());
        TreeSet<String> missing = new TreeSet<>(libraries.keySet());
        missing.removeAll(shipped);
        TreeSet<String> unlicensed = new TreeSet<>(shipped);
        unlicensed.removeIf(file ->
                !libraries.containsKey(file) || !libraries.get(file).licences().isEmpty());
        if (!unnamed.isEmpty() || !missing.isEmpty() || !unlicensed.isEmpty()) {
            throw new IOException("the bill of materials does not fit what is shipped; shipped and not on it: "
                    + unnamed + "; on it and not shipped: " + missing + "; without a licence: " + unlicensed);
        }
    }

    String asText() {
        StringBuilder text = new StringBuilder("""
                Muster contains these libraries, each under its own licence. Their notices and the texts of their licences, as
                they came with them, are in licenses/; those of the console's libraries in licenses/console.txt.

                """);
        libraries.values().stream()
                .filter(library -> !library.group().equals("dev.muster"))
                .map(library -> library.group() + ":" + library.name() + ":" + library.version() + "\n    "
                        + library.licences() + "\n"
                        + (library.home().isEmpty() ? "" : "    " + library.home() + "\n"))
                .distinct()
                .forEach(text::append);
        return text.toString();
    }
}
