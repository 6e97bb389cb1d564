package dev.muster.release.supply;

import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.provenance.ProvenanceException;
import dev.muster.protocol.provenance.Statement;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TargetFile.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;

/** What the SBOMs and the provenance of one release say, after each was checked. */
public record Supply(List<Sbom.Component> components, List<Built> builds) {
    static final int MAX_PROVENANCE_BYTES = 1 << 20;

    public Supply {
        components = List.copyOf(components);
        builds = List.copyOf(builds);
    }

    /**
     * A build.
     *
     * @param source empty when not told, as are {@code revision} and {@code invocation}
     * @param signedBy SHA-256 of the key that signed it; empty when no keys are configured and nobody has looked
     */
    public record Built(
            String builder, String buildType, String source, String revision, String invocation, String signedBy) {}

    /** @param required whether a release without provenance is refused */
    public record Rules(ProvenanceKeys keys, boolean required) {
        public static final Rules NONE = new Rules(ProvenanceKeys.NONE, false);
    }

    /**
     * Reads what a release brings along, and finds out whether it is of this release.
     *
     * @param content of a file by its SHA-256, at most as many bytes as the number says
     * @param problems what is wrong, in words; nothing is to be published when there are any
     */
    public static Supply of(
            List<TargetFile> files, Rules rules, BiFunction<String, Integer, byte[]> content, List<String> problems) {
        List<Sbom.Component> components = new ArrayList<>();
        List<Built> builds = new ArrayList<>();
        Set<String> built = new HashSet<>();
        boolean hasProvenance = false;
        for (TargetFile file : files) {
            if (file.custom().kind() == Kind.SBOM && fits(file, Sbom.MAX_BYTES, problems)) {
                components.addAll(sbom(file, content.apply(file.sha256(), Sbom.MAX_BYTES), problems));
            }
            if (file.custom().kind() == Kind.PROVENANCE && fits(file, MAX_PROVENANCE_BYTES, problems)) {
                hasProvenance = true;
                builds.addAll(provenance(
                        file,
                        files,
                        rules.keys(),
                        content.apply(file.sha256(), MAX_PROVENANCE_BYTES),
                        built,
                        problems));
            }
        }
        if (components.size() > Sbom.MAX_COMPONENTS) {
            problems.add("the SBOMs have more than " + Sbom.MAX_COMPONENTS + " components together");
        }
        if (hasProvenance) {
            files.stream()
                    .filter(file -> file.custom().kind() == Kind.ARTIFACT && !built.contains(file.sha256()))
                    .forEach(file -> problems.add(
                            "no provenance has the subject " + file.path() + " with the SHA-256 " + file.sha256()));
        } else if (rules.required()
                && files.stream().anyMatch(file -> file.custom().kind() == Kind.ARTIFACT)) {
            problems.add("it has no provenance, which release-provenance-required wants; muster release create"
                    + " --provenance FILE");
        }
        return new Supply(components, builds);
    }

    private static boolean fits(TargetFile file, int max, List<String> problems) {
        if (file.length() > max) {
            problems.add(file.path() + " has " + file.length() + " bytes, a file of kind "
                    + file.custom().kind().wire() + " has at most " + max);
            return false;
        }
        return true;
    }

    private static List<Sbom.Component> sbom(TargetFile file, byte[] content, List<String> problems) {
        try {
            return Sbom.parse(content).components();
        } catch (Sbom.MalformedException e) {
            problems.add(file.path() + " " + e.getMessage());
            return List.of();
        }
    }

    private static List<Built> provenance(
            TargetFile file,
            List<TargetFile> files,
            ProvenanceKeys keys,
            byte[] content,
            Set<String> built,
            List<String> problems) {
        List<Built> builds = new ArrayList<>();
        try {
            for (Envelope envelope : Envelope.parse(content)) {
                Statement statement = Statement.of(envelope);
                String signer = keys.signerOf(envelope).orElse("");
                if (signer.isEmpty() && !keys.isEmpty()) {
                    problems.add(file.path() + " is not signed by a key of release-provenance-keys");
                    continue;
                }
                Set<String> subjects = new HashSet<>();
                statement.subjects().forEach(subject -> subjects.add(subject.sha256()));
                if (files.stream().noneMatch(one -> subjects.contains(one.sha256()))) {
                    problems.add(file.path() + " says how other files were built: none of its subjects "
                            + shown(statement) + " is a file of this release");
                    continue;
                }
                built.addAll(subjects);
                builds.add(new Built(
                        statement.builder(),
                        statement.buildType(),
                        Objects.requireNonNullElse(statement.source(), ""),
                        Objects.requireNonNullElse(statement.revision(), ""),
                        Objects.requireNonNullElse(statement.invocation(), ""),
                        signer));
            }
        } catch (ProvenanceException e) {
            problems.add(file.path() + " " + e.detail());
        }
        return builds;
    }

    private static List<String> shown(Statement statement) {
        return statement.subjects().stream()
                .limit(4)
                .map(subject -> subject.name() + " " + subject.sha256())
                .toList();
    }
}
