/**
 * Makes {@code muster-<version>.tar.gz} out of the built programs: what a machine needs that has a JDK and nothing else.
 *
 * <pre>
 * bin/muster               the launcher
 * programs/*.jar           one for each program, with the flags of its JVM in programs.sh
 * programs/lib/*.jar       the libraries of all of them, each once
 * examples/ docs/ deploy/  as in the repository
 * LICENSE NOTICE           ours
 * THIRD-PARTY.txt          every library with its licence; licenses/ holds their texts and notices
 * bom.json                 the bill of materials (CycloneDX)
 * </pre>
 */
@NullMarked
package dev.muster.distribution;

import org.jspecify.annotations.NullMarked;
