// Command descriptors writes a FileDescriptorSet with the messages of the Envoy API that the runtime knows: those of roots.go,
// what their fields name, and nothing else. generate.ts turns it into runtime/src/envoy.
//
//	go run . > descriptors.binpb
package main

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func main() {
	kept := newClosure()
	for _, name := range rootMessages {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		if err != nil {
			fail(fmt.Errorf("root message %s: %w (is its package in packages.go?)", name, err))
		}
		kept.addMessage(found.(protoreflect.MessageDescriptor))
	}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if isExtensionPackage(string(file.Package())) {
			for i := 0; i < file.Messages().Len(); i++ {
				kept.addMessage(file.Messages().Get(i))
			}
		}
		return true
	})
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(kept.fileSet())
	if err != nil {
		fail(err)
	}
	if _, err := os.Stdout.Write(bytes); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
