using System;
using System.IO;
using System.Linq;

namespace DiffLib;

/// <summary>Programs run, saved, loaded and drawn.</summary>
public static class ProgramFiles
{
    extension(Program program)
    {
        /// <summary>Runs the program on other inputs. Like any function it can be differentiated, batched and compiled again.</summary>
        /// <param name="inputs">As many tensors as the program takes, of the shapes and element types it was traced with.</param>
        /// <returns>As many tensors as the program gives.</returns>
        /// <exception cref="ArgumentNullException"><paramref name="inputs"/> or one of them is null.</exception>
        /// <exception cref="ArgumentException">Their number, a shape or an element type is another.</exception>
        public Tensor[] Run(params Tensor[] inputs)
        {
            ArgumentNullException.ThrowIfNull(program);
            ArgumentNullException.ThrowIfNull(inputs);
            var specs = program.InputSpecs;
            if (inputs.Length != specs.Length)
                throw new ArgumentException($"the program takes {specs.Length} tensors, but {inputs.Length} are given. Its first line of text says which.", nameof(inputs));
            for (var k = 0; k < specs.Length; k++)
            {
                if (inputs[k] is not { } x) throw new ArgumentNullException(nameof(inputs), $"input {k} is null.");
                if (!x.Shape.Equals(specs[k].Shape) || x.DType != specs[k].DType)
                    throw new ArgumentException(
                        $"input {k} is {x.DType}{x.Shape}, but the program takes {specs[k].DType}{specs[k].Shape}. Reshape or Cast it, or trace the function for such tensors.",
                        nameof(inputs));
            }

            return Tensor.Apply(DiffLib.Compile.ruleOf(program), inputs);
        }

        /// <summary>Writes the program to a file. The file is whole or not there: it is written beside its place and moved.</summary>
        /// <remarks>What is written are the operations and the constants. Formulas with a slope of their own at kinks (Clamp, Relu, ...) are written as the operations of their
        /// value: derivatives that are wanted later are best traced and saved as programs themselves.</remarks>
        /// <param name="path">The file; one that is there is replaced.</param>
        /// <exception cref="ArgumentException">The path is null or empty.</exception>
        /// <exception cref="InvalidOperationException">The program has a rule that is made from a function (a CustomRule, Checkpoint, a solver), which has no text.</exception>
        /// <exception cref="IOException">The file cannot be written.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(program);
            ArgumentException.ThrowIfNullOrEmpty(path);
            var data = ProgramFile.write(program);
            var beside = $"{path}.{Guid.NewGuid():N}.tmp";
            try
            {
                File.WriteAllBytes(beside, data);
                File.Move(beside, path, overwrite: true);
            }
            catch
            {
                File.Delete(beside);
                throw;
            }
        }

        /// <summary>Writes the program to a stream, which stays open.</summary>
        /// <inheritdoc cref="Save(Program, string)" path="/remarks"/>
        /// <param name="stream">Where to write.</param>
        /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
        /// <exception cref="InvalidOperationException">The program has a rule that is made from a function, which has no text.</exception>
        public void Save(Stream stream)
        {
            ArgumentNullException.ThrowIfNull(program);
            ArgumentNullException.ThrowIfNull(stream);
            stream.Write(ProgramFile.write(program));
        }

        /// <summary>The program as a picture in SVG: inputs on top, each operation below what it works on, results at the bottom.</summary>
        /// <remarks>Numbers that are known stand in the boxes of the operations that use them. Programs of a few hundred operations are readable; for more, the text is better.</remarks>
        public string ToSvg()
        {
            ArgumentNullException.ThrowIfNull(program);
            return new ProgramPicture(program).Svg();
        }
    }

    extension(Program)
    {
        /// <summary>Reads a program that <c>Save</c> wrote.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="ArgumentException">The path is null or empty.</exception>
        /// <exception cref="IOException">The file is not there or cannot be read.</exception>
        /// <exception cref="InvalidDataException">It is another kind of file, cut off, damaged, or written by a later version; the message says what and where.</exception>
        public static Program Load(string path)
        {
            ArgumentException.ThrowIfNullOrEmpty(path);
            return ProgramFile.read(File.ReadAllBytes(path));
        }

        /// <summary>Reads a program that <c>Save</c> wrote, to the end of the stream.</summary>
        /// <param name="stream">Where to read.</param>
        /// <exception cref="ArgumentNullException"><paramref name="stream"/> is null.</exception>
        /// <exception cref="InvalidDataException">It is something else, cut off, damaged, or written by a later version; the message says what and where.</exception>
        public static Program Load(Stream stream)
        {
            ArgumentNullException.ThrowIfNull(stream);
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return ProgramFile.read(all.ToArray());
        }
    }
}
