package dev.muster.release;

import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TargetFile.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a new version of a component's signed targets means: new releases and nothing else, or what is wrong with it. Pure.
 *
 * @param added files of each new release, in the order of their paths
 * @param problems empty when it may be published
 */
record ReleaseDifference(Map<ReleaseName, List<TargetFile>> added, List<String> problems) {
    static final int MAX_FILES = 64;
    private static final Pattern FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}");

    /**
     * @param component whose role it is
     * @param isPruned whether the artifacts of a release were removed, so that it may be left out
     * @param selectorProblem why a text is no selector
     */
    static ReleaseDifference between(
            String component,
            Optional<Metadata.Targets> before,
            Metadata.Targets after,
            Predicate<ReleaseName> isPruned,
            Function<String, Optional<String>> selectorProblem) {
        Map<ReleaseName, List<TargetFile>> added = new TreeMap<>(java.util.Comparator.comparing(ReleaseName::toString));
        List<String> problems = new ArrayList<>();
        Map<String, TargetFile> known = before.map(Metadata.Targets::files).orElse(Map.of());
        new TreeMap<>(known).forEach((path, file) -> {
            TargetFile now = after.files().get(path);
            ReleaseName name =
                    new ReleaseName(file.custom().component(), file.custom().version());
            if (now == null && !isPruned.test(name)) {
                problems.add(
                        path + " is left out, and " + name + " is published; quarantine what must not be installed");
            } else if (now != null && !now.equals(file)) {
                problems.add(path + " is another file than the one that was published; publish it under a new version");
            }
        });
        new TreeMap<>(after.files()).forEach((path, file) -> {
            if (!known.containsKey(path)) {
                name(component, file, problems)
                        .ifPresent(name -> added.computeIfAbsent(name, key -> new ArrayList<>())
                                .add(file));
            }
        });
        added.forEach((name, files) -> {
            if (known.values().stream().anyMatch(file -> file.custom().version().equals(name.version()))) {
                problems.add(name + " is published already, a file cannot be added to it");
            }
            check(name, files, selectorProblem, problems);
        });
        return new ReleaseDifference(added, problems);
    }

    private static Optional<ReleaseName> name(String component, TargetFile file, List<String> problems) {
        String[] segments = file.path().split("/", -1);
        TargetFile.Custom custom = file.custom();
        Optional<ReleaseName> name = ReleaseName.of(custom.component(), custom.version());
        if (segments.length != 3
                || name.isEmpty()
                || !custom.component().equals(component)
                || !segments[0].equals(custom.component())
                || !segments[1].equals(custom.version())
                || !FILE.matcher(segments[2]).matches()) {
            problems.add("the path " + file.path() + " of \"" + custom.component() + "@" + custom.version()
                    + "\" is not " + component + "/<version>/<file>, the component " + ReleaseName.COMPONENT
                    + ", the version " + ReleaseName.VERSION + ", the file " + FILE);
            return Optional.empty();
        }
        return name;
    }

    private static void check(
            ReleaseName name,
            List<TargetFile> files,
            Function<String, Optional<String>> selectorProblem,
            List<String> problems) {
        long artifacts = count(files, Kind.ARTIFACT);
        long sets = count(files, Kind.SET);
        if (artifacts + sets == 0 || sets > 1 || (sets == 1 && artifacts > 0)) {
            problems.add(name + " has " + artifacts + " artifacts and " + sets
                    + " sets; a release has artifacts, or is one set");
        }
        if (files.size() > MAX_FILES) {
            problems.add(name + " has " + files.size() + " files, at most " + MAX_FILES + " are allowed");
        }
        for (TargetFile file : files) {
            boolean isSet = file.custom().kind() == Kind.SET;
            if (isSet == file.custom().components().isEmpty()) {
                problems.add(file.path() + " of kind " + file.custom().kind().wire()
                        + (isSet ? " names no components" : " names components, which only a set does"));
            }
            file.custom().components().forEach((component, version) -> {
                if (ReleaseName.of(component, version).isEmpty()) {
                    problems.add(
                            file.path() + " names " + component + "@" + version + ", which is no name of a release");
                }
            });
            if (hasControlCharacter(file.custom().compatibility())
                    || file.custom().hardware().stream().anyMatch(ReleaseDifference::hasControlCharacter)) {
                problems.add("the compatibility or hardware of " + file.path()
                        + " has a line break or another control character, which clients of The Update Framework write"
                        + " down in different ways; write it on one line");
            } else if (!file.custom().compatibility().isEmpty()) {
                selectorProblem
                        .apply(file.custom().compatibility())
                        .ifPresent(problem -> problems.add("the compatibility of " + file.path() + ": " + problem));
            }
        }
    }

    private static boolean hasControlCharacter(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static long count(List<TargetFile> files, Kind kind) {
        return files.stream().filter(file -> file.custom().kind() == kind).count();
    }
}
